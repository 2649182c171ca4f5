"""
Scripts that teach shells to complete, made of what the parser understands.

All have the same form: the words before the cursor lead to a command, and a table says
what may follow it: further words, options, names of instances, profiles or images, or
files.
The names come from ``devlxdctl list --names``, asked with the socket and the project
that the command line has so far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from devlxd.ctl.outline import Option, Outline

__all__ = ["SCRIPTS"]

NAMES = {"IMAGE": "images", "INSTANCE": "instances", "PROFILE": "profiles"}
"""What is completed by asking, by the metavar of an operand or an option's value."""

FILES = {"PATH", "DIR", "FILE", "ROOTFS"}
"""The metavars of what is a file."""

CARRIED = ("--socket", "--state-dir", "--project")
"""The options that say where to ask."""

POSIX = r"""
_PROGRAM_names() {
    case $1 in
    images) set -- image list ;;
    profiles) set -- profile list ;;
    *) set -- list ;;
    esac
    PROGRAM "${_PROGRAM_where[@]}" --timeout 2 "$@" --names 2>/dev/null
}

_PROGRAM_follows() {
    case $1 in
TABLE
    esac
}

_PROGRAM_value() {
    case $1 in
VALUES
    *) return 1 ;;
    esac
}

# From the words before the cursor: the command, and where to ask.
_PROGRAM_read() {
    local word previous=
    _PROGRAM_command= _PROGRAM_where=()
    for word in "$@"; do
        case $previous in
        CARRIED) _PROGRAM_where+=("$previous" "$word") ;;
        esac
        if _PROGRAM_value "$previous" >/dev/null; then
            previous=
            continue
        fi
        previous=$word
        case "$_PROGRAM_command $word" in
        COMMANDS) _PROGRAM_command="$_PROGRAM_command $word" ;;
        esac
    done
}
"""

BASH = (
    """# Completion of PROGRAM for bash: eval "$(PROGRAM completion bash)"
"""
    + POSIX
    + r"""
_PROGRAM() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local _PROGRAM_command found
    local -a _PROGRAM_where
    _PROGRAM_read "${COMP_WORDS[@]:1:COMP_CWORD-1}"
    found=$(_PROGRAM_value "$previous") || found=$(_PROGRAM_follows "$_PROGRAM_command")
    if [ "$found" = FILES ]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    else
        mapfile -t COMPREPLY < <(compgen -W "$found" -- "$word")
    fi
}

complete -F _PROGRAM PROGRAM
"""
)

ZSH = (
    """#compdef PROGRAM
# Completion of PROGRAM for zsh: eval "$(PROGRAM completion zsh)"
"""
    + POSIX
    + r"""
_PROGRAM() {
    local _PROGRAM_command found
    local -a _PROGRAM_where
    _PROGRAM_read "${(@)words[2,CURRENT-1]}"
    found=$(_PROGRAM_value "${words[CURRENT-1]}") ||
        found=$(_PROGRAM_follows "$_PROGRAM_command")
    if [ "$found" = FILES ]; then
        _files
    else
        compadd -- ${=found}
    fi
}

compdef _PROGRAM PROGRAM
"""
)

FISH = r"""# Completion of PROGRAM for fish: PROGRAM completion fish | source

function _PROGRAM_names
    set -l asked list
    switch "$argv[1]"
        case images
            set asked image list
        case profiles
            set asked profile list
    end
    PROGRAM $_PROGRAM_where --timeout 2 $asked --names 2>/dev/null
end

function _PROGRAM_follows
    switch "$argv[1]"
TABLE
    end
end

function _PROGRAM_value
    switch "$argv[1]"
VALUES
        case '*'
            return 1
    end
end

function _PROGRAM_complete
    set -l words (commandline -opc)
    set -l previous ''
    set -l path ''
    set -g _PROGRAM_where
    for word in $words[2..-1]
        switch "$previous"
            case CARRIED
                set -a _PROGRAM_where $previous $word
        end
        if _PROGRAM_value "$previous" >/dev/null
            set previous ''
            continue
        end
        set previous $word
        switch "$path $word"
            case COMMANDS
                set path "$path $word"
        end
    end
    set -l found (_PROGRAM_value "$previous"; or _PROGRAM_follows "$path")
    if test "$found" = FILES
        __fish_complete_path (commandline -ct)
    else
        string split -n ' ' -- $found
    end
end

complete -c PROGRAM -f -a '(_PROGRAM_complete)'
"""


def _completed(metavar: str, choices: tuple[str, ...], program: str) -> str:
    """What a shell writes to complete something."""
    if choices:
        return " ".join(choices)
    if metavar in NAMES:
        return f"$(_{program}_names {NAMES[metavar]})"
    return "FILES" if metavar in FILES else ""


def _following(outline: Outline) -> str:
    """What may follow the words of a command."""
    parts = [
        *(command.words[-1] for command in outline.commands),
        *(_completed(o.metavar, o.choices, outline.program) for o in outline.operands),
        *(flag for option in outline.options for flag in option.flags),
    ]
    return " ".join(filter(None, parts))


def _values(top: Outline) -> Iterator[tuple[str, str]]:
    """The options that take a value, each with what completes it."""
    options: dict[tuple[str, ...], list[Option]] = {}
    for outline in top.all():
        for option in outline.options:
            if option.metavar:
                options.setdefault(option.flags, []).append(option)
    for flags, same in sorted(options.items()):
        choices = tuple(dict.fromkeys(c for option in same for c in option.choices))
        for flag in flags:
            yield flag, _completed(same[0].metavar, choices, top.program)


def _paths(top: Outline) -> Iterator[tuple[str, str]]:
    """Each command as a shell adds it up, and what may follow."""
    for outline in top.all():
        yield "".join(f" {word}" for word in outline.words), _following(outline)


def _posix(template: str, top: Outline) -> str:
    cases = "\n".join(
        f"    '{path}') echo \"{found}\" ;;" for path, found in _paths(top)
    )
    values = "\n".join(f'    {flag}) echo "{found}" ;;' for flag, found in _values(top))
    commands = "|".join(f"'{path}'" for path, _ in _paths(top) if path)
    return _script(template, top.program, cases, values, "|".join(CARRIED), commands)


def _fish(top: Outline) -> str:
    cases = "\n".join(
        f"        case '{path}'\n            echo {_for_fish(found)}"
        for path, found in _paths(top)
    )
    values = "\n".join(
        f"        case {flag}\n            echo {_for_fish(found)}"
        for flag, found in _values(top)
    )
    commands = " ".join(f"'{path}'" for path, _ in _paths(top) if path)
    return _script(FISH, top.program, cases, values, " ".join(CARRIED), commands)


def _for_fish(found: str) -> str:
    # Between quotes, fish before 3.4 puts nothing in for (...).
    return found.replace("$(", "(") or "''"


def _script(
    template: str, program: str, table: str, values: str, carried: str, commands: str
) -> str:
    for mark, text in (
        ("TABLE", table),
        ("VALUES", values),
        ("CARRIED", carried),
        ("COMMANDS", commands),
        ("PROGRAM", program),
    ):
        template = template.replace(mark, text)
    return template


SCRIPTS: Mapping[str, Callable[[Outline], str]] = {
    "bash": lambda top: _posix(BASH, top),
    "fish": _fish,
    "zsh": lambda top: _posix(ZSH, top),
}
"""By the name of the shell."""
