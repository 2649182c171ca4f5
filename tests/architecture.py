"""
What the source of a package says about itself: who imports what, and how complete its
docstrings and annotations are.  Nothing of it is imported or run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from attrs import frozen

Definition = ast.FunctionDef | ast.AsyncFunctionDef

# What trial says the meaning of.
_TRIAL = {"setUp"}
# What a class derives from that says what others do: Interface, ILocator, Protocol.
_ROLE = re.compile(r"Interface|Protocol(\[.*\])?|I[A-Z]\w*")


@frozen
class Import:
    """
    One name that a module imports.

    :ivar target: the full dotted name, relative imports resolved: the module, or a
        name in it.
    """

    line: int
    target: str


@frozen
class Module:
    """
    One module of a package.

    :ivar name: in full, such as ``devlxd.model.names``; that of a package's own
        ``__init__`` is the package's.
    :ivar place: the file, as it is shown in complaints.
    """

    name: str
    place: str
    text: str
    is_package: bool

    @property
    def tree(self) -> ast.Module:
        """The parsed source."""
        return ast.parse(self.text)

    @property
    def part(self) -> str:
        """The part of the whole that it is in: ``model``; empty for the root."""
        return part_of(self.name)

    def imports(self) -> Iterator[Import]:
        """
        All that it imports, be it at the top, within a function or for type checking.
        """
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(node.lineno, alias.name)
            elif isinstance(node, ast.ImportFrom):
                source = self._source(node)
                for alias in node.names:
                    yield Import(node.lineno, f"{source}.{alias.name}")

    def _source(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        up = node.level - self.is_package
        parents = self.name.split(".")[: -up or None]
        return ".".join([*parents, *filter(None, [node.module])])


def part_of(dotted: str) -> str:
    """The second word of a dotted name, empty when there is none."""
    return dotted.split(".")[1] if "." in dotted else ""


def modules_of(package: Path) -> list[Module]:
    """All modules of a package, ordered by file."""
    return [_module(package, path) for path in sorted(package.rglob("*.py"))]


def _module(package: Path, path: Path) -> Module:
    inside = path.relative_to(package.parent)
    is_package = path.stem == "__init__"
    words = inside.parent.parts if is_package else inside.with_suffix("").parts
    return Module(".".join(words), str(inside), path.read_text(), is_package)


def _is_in(dotted: str, names: Iterable[str]) -> bool:
    return any(f"{dotted}.".startswith(f"{name}.") for name in names)


@frozen
class Rules:
    """
    Who may import what.

    :ivar may_import: what each part may import of its package, beside itself.
    :ivar outsiders: the other packages that a part may not import.
    """

    may_import: Mapping[str, tuple[str, ...]]
    outsiders: Mapping[str, tuple[str, ...]]

    def broken(self, package: Path) -> list[str]:
        """All that breaks the rules in a package, as ``FILE:LINE: what is wrong``."""
        modules = modules_of(package)
        # What is no part is a name in the root module, which anyone may know.
        parts = {*(module.part for module in modules), *self.may_import} - {""}
        roots = {f"{package.name}.{part}" for part in parts}
        return [x for module in modules for x in self._broken_by(module, roots)]

    def _broken_by(self, module: Module, roots: set[str]) -> Iterator[str]:
        if module.part not in self.may_import:
            yield f"{module.place}:1: {module.part!r} is in no layer"
            return
        root, *_ = module.name.split(".")
        allowed = [f"{root}.{x}" for x in (*self.may_import[module.part], module.part)]
        outsiders = self.outsiders.get(module.part, ())
        for each in module.imports():
            inside = _is_in(each.target, roots) and not _is_in(each.target, allowed)
            if inside or _is_in(each.target, outsiders):
                who = module.part or root
                yield f"{module.place}:{each.line}: {who} must not import {each.target}"


def missing_words(modules: Iterable[Module]) -> list[str]:
    """
    Complaints about what has no docstring or is not annotated.

    A method needs none that has the name of one in an interface or a protocol, since
    its contract is there.
    """
    modules = list(modules)
    told = {name for module in modules for name in _contracts(module.tree)}
    told |= _TRIAL
    return [
        f"{module.place}:{complaint}"
        for module in modules
        for complaint in (*_undocumented(module.tree, told), *_unannotated(module.tree))
    ]


def _undocumented(tree: ast.Module, told: set[str]) -> Iterator[str]:
    if ast.get_docstring(tree) is None:
        yield "1: no docstring"
    for node in _public(tree):
        if ast.get_docstring(node) is None and node.name not in told:
            yield f"{node.lineno}: {node.name} has no docstring"


def _unannotated(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, Definition) and not _is_annotated(node):
            yield f"{node.lineno}: {node.name} is not annotated"


def _contracts(tree: ast.Module) -> Iterator[str]:
    """The names of all methods that interfaces and protocols document."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(map(_is_role, node.bases)):
            for child in node.body:
                if isinstance(child, Definition) and ast.get_docstring(child):
                    yield child.name


def _is_role(base: ast.expr) -> bool:
    return _ROLE.fullmatch(ast.unparse(base)) is not None


def _public(node: ast.Module | ast.ClassDef) -> Iterator[Definition | ast.ClassDef]:
    """The public classes and functions, methods of public classes included."""
    for child in node.body:
        if not isinstance(child, Definition | ast.ClassDef) or child.name[0] == "_":
            continue
        # A property is documented where it is read.
        if any(ast.unparse(x).endswith(".setter") for x in child.decorator_list):
            continue
        yield child
        if isinstance(child, ast.ClassDef):
            yield from _public(child)


def _is_annotated(function: Definition) -> bool:
    """Whether the result and all parameters, but for ``self``, have a type."""
    spec = function.args
    named = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    starred = [arg for arg in (spec.vararg, spec.kwarg) if arg is not None]
    return function.returns is not None and all(
        arg.annotation is not None
        for arg in [*named, *starred]
        if arg.arg not in ("self", "cls")
    )
