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

void interrupt_raise(struct interrupt *i)
{
	const uint64_t one = 1;
	int saved = errno;	/* of the code that a signal interrupted */
	ssize_t n = write(i->fd, &one, sizeof(one));

	(void)n;	/* EAGAIN: it is readable already */
	errno = saved;
}

bool interrupt_take(struct interrupt *i)
{
	uint64_t count;

	return read(i->fd, &count, sizeof(count)) == (ssize_t)sizeof(count);
}

bool interrupt_ends(struct interrupt *i)
{
	return i && interrupt_take(i) && (!i->hook || i->hook(i->ctx));
}
