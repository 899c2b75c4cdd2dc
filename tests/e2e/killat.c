/*
 * killat - run a program and kill it with SIGKILL at its Nth stop at a system
 * call, its own or one of its threads': odd stops are before the call takes
 * effect, even ones (roughly) behind it.
 *
 *	killat N PROGRAM [ARGUMENT...]
 *
 * N 0: let it run, and print the number of stops on descriptor 3.
 * Exit status: that of PROGRAM; 137 when it was killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)

static int go_on(pid_t tid, int status)
{
	int number = WSTOPSIG(status);
	int event = status >> 16;

	/* stops of tracing itself bring no signal; a new thread begins with one */
	if (number == (SIGTRAP | 0x80) || event != 0 || number == SIGSTOP || number == SIGTRAP)
		number = 0;
	return ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(long)number) < 0 && errno != ESRCH ? -1 : 0;
}

/* Returns the exit status. */
static int trace(pid_t child, long limit)
{
	long stops = 0;

	for (;;) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL);

		if (tid < 0)
			return 127;
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (tid != child)
				continue;
			if (limit == 0)
				dprintf(3, "%ld\n", stops);
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
		if (WSTOPSIG(status) == (SIGTRAP | 0x80) && ++stops == limit)
			kill(child, SIGKILL);
		else if (go_on(tid, status) < 0)
			return 127;
	}
}

int main(int argc, char **argv)
{
	long limit = argc > 2 ? strtol(argv[1], NULL, 10) : -1;
	pid_t child;
	int status;

	if (limit < 0)
		return 64;
	child = fork();
	if (child < 0)
		return 127;
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
			execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)OPTIONS) < 0 ||
	    ptrace(PTRACE_SYSCALL, child, NULL, NULL) < 0)
		return 127;
	return trace(child, limit);
}
