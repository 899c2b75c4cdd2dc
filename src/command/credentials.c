#include "config.h"
#include "command/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/url.h"

#define CREDENTIALS_MAX 1024
#define CTRL_C 3

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

static int take_text(char *text, const char *path, struct plan *plan,
		     struct err *e)
{
	char *rest = text, *line;
	int number = 0;

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
			r = take_text(text, path, plan, e);
		}
	}
	explicit_bzero(text, sizeof(text));
	close(fd);
	return r;
}

int credentials_from_url(char *url, struct plan *plan, struct err *e)
{
	char *host = url + (url_authority(url, NULL) - url);
	const char *at = url_at(url);
	size_t user = at ? (size_t)(at - host) : 0;

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
	dprintf(tty, "Password of %s: ", plan->user);
	r = read_hidden(tty, plan, e);
	tcsetattr(tty, TCSAFLUSH, &before);
	dprintf(tty, "\n");
	close(tty);
	return r;
}
