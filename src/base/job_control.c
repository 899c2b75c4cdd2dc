#include "config.h"

#include "base/job_control.h"

#include <signal.h>
#include <unistd.h>

void job_stop(void)
{
	const struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t stop;

	/* curses may have put a handler of its own there */
	sigaction(SIGTSTP, &plain, NULL);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);	/* it stops here */
	sigprocmask(SIG_BLOCK, &stop, NULL);
}

bool job_in_background(int terminal)
{
	pid_t group = tcgetpgrp(terminal);

	return group > 0 && group != getpgrp();
}
