/*
 * Many processes, each the first of a pid namespace of its own: crowd COUNT
 *
 * It prints their pids, and ends with all of them when its input does.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int count = argc == 2 ? atoi(argv[1]) : 0;
    for (int i = 0; i < count; i++) {
        long pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
        if (pid < 0) {
            perror("clone");
            return 1;
        }
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            close(STDOUT_FILENO); /* whose end says that all are there */
            for (;;)
                pause();
        }
        printf("%ld\n", pid);
    }
    fflush(stdout);
    fclose(stdout);
    while (getchar() != EOF)
        ;
    return 0;
}
