/*
 * line_fixture.h - the screen on a real terminal, a pseudo-terminal: what it
 * sends there, byte by byte.
 */
#ifndef DFOTA_LINE_FIXTURE_H
#define DFOTA_LINE_FIXTURE_H

#include "screen_fixture.h"

struct line_rig {
	struct rig *rig;
	int master;
};

/* What came since the last time, in BYTES with a NUL; more than fits is counted only. */
static inline size_t take_output(struct line_rig *l, char *bytes, size_t size)
{
	char part[4096];
	size_t total = 0;
	ssize_t n;

	while ((n = read(l->master, part, sizeof(part))) > 0) {
		size_t room = total < size - 1 ? size - 1 - total : 0;

		memcpy(bytes + (total < size ? total : size - 1), part, (size_t)n < room ? (size_t)n : room);
		total += (size_t)n;
	}
	bytes[total < size ? total : size - 1] = '\0';
	return total;
}

static inline size_t count_output(struct line_rig *l)
{
	char bytes[1];

	return take_output(l, bytes, sizeof(bytes));
}

static inline struct line_rig setup_on_a_line(const struct setup *s, speed_t speed)
{
	struct line_rig l = { .master = posix_openpt(O_RDWR | O_NOCTTY) };
	struct termios t;
	int slave;

	assert_true(l.master >= 0);
	assert_int_equal(grantpt(l.master) | unlockpt(l.master), 0);
	slave = open(ptsname(l.master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	assert_int_equal(tcgetattr(slave, &t), 0);
	cfsetospeed(&t, speed);
	cfsetispeed(&t, speed);
	assert_int_equal(tcsetattr(slave, TCSANOW, &t), 0);
	fcntl(l.master, F_SETFL, O_NONBLOCK);
	l.rig = rig_open(s, fdopen(slave, "w"), fdopen(dup(slave), "r"), dup(l.master));
	return l;
}

static inline struct line_rig on_a_line(speed_t speed, const char *term, const char *locale, const char *publish)
{
	struct setup s = sized(24, 80);

	s.term = term;
	s.locale = locale;
	s.publish = publish;
	return setup_on_a_line(&s, speed);
}

static inline void close_line(struct line_rig *l)
{
	rig_close(l->rig);
	close(l->master);
}

#endif
