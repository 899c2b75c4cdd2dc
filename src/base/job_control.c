#include "config.h"

#include "base/job_control.h"

#include <signal.h>
#include <unistd.h>

void job_stop(void)
{
	const struct sigaction plain = {.sa_handler = SIG_DFL};
	struct sigaction before;
	sigset_t stop;

	sigaction(SIGTSTP, &plain, &before);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);	/* it stops here */
	sigprocmask(SIG_BLOCK, &stop, NULL);
	sigaction(SIGTSTP, &before, NULL);
}

bool job_in_background(int terminal)
{
	pid_t group = tcgetpgrp(terminal);

	return group > 0 && group != getpgrp();
}
