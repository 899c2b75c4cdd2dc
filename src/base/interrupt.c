#include "config.h"

#include "base/interrupt.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int interrupt_init(struct interrupt *i, struct err *e)
{
	*i = (struct interrupt){ .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) };
	return i->fd < 0 ? err_fail_sys(e, MSG_NO_DESCRIPTOR, errno, "") : 0;
}

void interrupt_close(struct interrupt *i)
{
	if (i->fd >= 0)
		close(i->fd);
	i->fd = -1;
}

#define POLL_TRIES 4	/* what fails once may work the next time */

int interrupt_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	int ready = -1;

	for (int i = 0; i < POLL_TRIES && ready < 0; i++) {
		ready = poll(fds, count, timeout_ms);
		if (ready < 0 && errno == EINTR)
			ready = 0;
	}
	if (ready <= 0)
		for (nfds_t i = 0; i < count; i++)
			fds[i].revents = 0;
	return ready;
}

void interrupt_wake(int fd, uint64_t count)
{
	int saved = errno;	/* of the code that a signal interrupted */

	/* refused for any other reason than a signal it is readable already */
	while (write(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	errno = saved;
}

void interrupt_raise(struct interrupt *i)
{
	interrupt_wake(i->fd, 1);
}

bool interrupt_take(struct interrupt *i)
{
	uint64_t count;
	ssize_t n;

	do
		n = read(i->fd, &count, sizeof(count));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(count);
}

bool interrupt_ends(struct interrupt *i)
{
	return i && interrupt_take(i) && (!i->hook || i->hook(i->ctx));
}
