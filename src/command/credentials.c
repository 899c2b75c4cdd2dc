#include "config.h"
#include "command/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "base/url.h"
#include "base/words.h"

#define CREDENTIALS_MAX 1024
#define CTRL_C 3
#define INPUT "/dev/stdin"
/* A program that hands a password over may have to ask somebody for another first. */
#define INPUT_MS 300000

static int check_file(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_fail_sys(e, MSG_CREDENTIALS_UNREADABLE, errno, "path=%s", path);
	if (!S_ISREG(st.st_mode))
		return err_fail(e, MSG_CREDENTIALS_NO_FILE, "path=%s", path);
	if (st.st_uid != geteuid())
		return err_fail(e, MSG_CREDENTIALS_FOREIGN, "path=%s", path);
	if (st.st_mode & 077)
		return err_fail(e, MSG_CREDENTIALS_OPEN, "path=%s", path);
	return 0;
}

/* "key = value": the value is all behind the blanks after '=', to the end. */
static int take_line(char *line, const char *path, int number,
		     struct plan *plan, struct err *e)
{
	char *value = strchr(line, '=');
	char *field = NULL;
	size_t key;

	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	if (!value)
		return err_fail(e, MSG_CREDENTIALS_FORM, "path=%s line=%d", path, number);
	key = strcspn(line, " \t=");
	value++;
	value += strspn(value, " \t");
	if (key == 4 && strncmp(line, "user", key) == 0)
		field = plan->user;
	else if (key == 8 && strncmp(line, "password", key) == 0)
		field = plan->password;
	if (!field)
		return err_fail(e, MSG_CREDENTIALS_FORM, "path=%s line=%d", path, number);
	if (strlen(value) >= LOGIN_SIZE)
		return err_fail(e, MSG_CREDENTIALS_FIELD_LONG, "path=%s line=%d most=%d", path, number, LOGIN_SIZE - 1);
	snprintf(field, LOGIN_SIZE, "%s", value);
	return 0;
}

/* The SIZE bytes and a NUL of TEXT. */
static int take_text(char *text, size_t text_size, const char *path, struct plan *plan,
		     struct err *e)
{
	char *rest = text, *line;
	int number = 0;

	/* what stands after it would be cut off in silence */
	if (strlen(text) < text_size)
		return err_fail(e, MSG_CREDENTIALS_NUL, "path=%s", path);
	while ((line = strsep(&rest, "\n"))) {
		size_t size = strlen(line);

		if (size && line[size - 1] == '\r')
			line[size - 1] = '\0';
		if (take_line(line, path, ++number, plan, e) < 0)
			return -1;
	}
	if (!plan->user[0] || !plan->password[0])
		return err_fail(e, MSG_CREDENTIALS_INCOMPLETE, "path=%s", path);
	return 0;
}

int credentials_read(const char *path, struct plan *plan, struct err *e)
{
	char text[CREDENTIALS_MAX + 1];
	ssize_t size;
	int r = -1;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && errno == ELOOP)
		return err_fail(e, MSG_CREDENTIALS_LINK, "path=%s", path);
	if (fd < 0)
		return err_fail_sys(e, MSG_CREDENTIALS_UNREADABLE, errno, "path=%s", path);
	if (check_file(fd, path, e) == 0) {
		size = read(fd, text, sizeof(text) - 1);
		if (size < 0) {
			err_fail_sys(e, MSG_CREDENTIALS_UNREADABLE, errno, "path=%s", path);
		} else if (size == CREDENTIALS_MAX) {
			err_fail(e, MSG_CREDENTIALS_LONG, "path=%s", path);
		} else {
			text[size] = '\0';
			r = take_text(text, (size_t)size, path, plan, e);
		}
	}
	explicit_bzero(text, sizeof(text));
	close(fd);
	return r;
}

/* What is more than TEXT has room for is refused by its size. Returns it, or -1. */
static ssize_t read_input(int fd, int signal_fd, char text[CREDENTIALS_MAX], struct err *e)
{
	int64_t deadline_ms = clock_now_ms(clock_monotonic()) + INPUT_MS;
	size_t size = 0;

	while (size < CREDENTIALS_MAX) {
		struct pollfd fds[] = { { fd, POLLIN, 0 }, { signal_fd, POLLIN, 0 } };
		int64_t left_ms = deadline_ms - clock_now_ms(clock_monotonic());
		int ready;
		ssize_t n;

		if (left_ms <= 0)
			return err_fail(e, MSG_CREDENTIALS_NO_INPUT, "seconds=%d", INPUT_MS / 1000);
		ready = interrupt_poll(fds, 2, (int)left_ms);
		if (ready == 0)
			continue;
		if (ready < 0 || fds[1].revents)
			return err_fail(e, MSG_PASSWORD_NOT_GIVEN, "");
		n = read(fd, text + size, CREDENTIALS_MAX - size);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return err_fail_sys(e, MSG_CREDENTIALS_UNREADABLE, errno, "path=%s", INPUT);
		if (n == 0)
			break;
		size += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)size;
}

int credentials_from_input(int fd, int signal_fd, struct plan *plan, struct err *e)
{
	char text[CREDENTIALS_MAX + 1];
	struct stat st;
	ssize_t size;
	int r = -1;

	if (isatty(fd))
		return err_fail(e, MSG_CREDENTIALS_TERMINAL, "");
	/* a file is one, whoever has opened it */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && check_file(fd, INPUT, e) < 0)
		return -1;
	size = read_input(fd, signal_fd, text, e);
	if (size == CREDENTIALS_MAX) {
		err_fail(e, MSG_CREDENTIALS_LONG, "path=%s", INPUT);
	} else if (size >= 0) {
		text[size] = '\0';
		r = take_text(text, (size_t)size, INPUT, plan, e);
	}
	explicit_bzero(text, sizeof(text));
	return r;
}

int credentials_from_url(char *url, struct plan *plan, struct err *e)
{
	char *host = url + (url_authority(url, NULL) - url);
	const char *at = url_at(url);
	size_t user = at ? (size_t)(at - host) : 0;

	if (url_login_unclear(url)) {
		explicit_bzero(host, strlen(host));
		return err_fail(e, MSG_URL_LOGIN_UNCLEAR, "");
	}
	if (!at)
		return 0;
	if (memchr(host, ':', user)) {
		explicit_bzero(host, strlen(host));
		return err_fail(e, MSG_URL_PASSWORD, "");
	}
	if (user == 0 || user >= LOGIN_SIZE)
		return err_fail(e, MSG_URL_USER_SIZE, "size=%zu most=%d", user, LOGIN_SIZE - 1);
	memcpy(plan->user, host, user);
	plan->user[user] = '\0';
	memmove(host, at + 1, strlen(at + 1) + 1);
	return 0;
}

/* One line without echo into plan.password. */
static int read_hidden(int tty, struct plan *plan, struct err *e)
{
	char line[LOGIN_SIZE + 1];
	ssize_t size = read(tty, line, sizeof(line));
	bool cancelled = size > 0 && line[size - 1] == CTRL_C;
	int r = -1;

	if (size > 0 && line[size - 1] == '\n')
		size--;
	if (size <= 0 || cancelled) {
		err_fail(e, MSG_PASSWORD_NOT_GIVEN, "");
	} else if (size >= LOGIN_SIZE) {
		err_fail(e, MSG_PASSWORD_LONG, "most=%d", LOGIN_SIZE - 1);
	} else {
		memcpy(plan->password, line, (size_t)size);
		plan->password[size] = '\0';
		r = 0;
	}
	explicit_bzero(line, sizeof(line));
	return r;
}

int credentials_prompt(struct plan *plan, struct err *e)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios before, hidden;
	char user[4 * LOGIN_SIZE];
	int r;

	if (tty < 0)
		return err_fail(e, MSG_PASSWORD_NO_TERMINAL, "user=%s", plan->user);
	if (tcgetattr(tty, &before) < 0) {
		close(tty);
		return err_fail_sys(e, MSG_TERMINAL_UNUSABLE, errno, "");
	}
	hidden = before;
	/* our signals come through a descriptor: ^C has to end the line here */
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	hidden.c_cc[VEOL] = CTRL_C;
	tcsetattr(tty, TCSAFLUSH, &hidden);
	text_safe_str(user, sizeof(user), plan->user);
	dprintf(tty, _("Password of %s: "), user);
	r = read_hidden(tty, plan, e);
	tcsetattr(tty, TCSAFLUSH, &before);
	dprintf(tty, "\n");
	close(tty);
	return r;
}
