/* Ports that are no terminals: a TCP server, a back end of the caller. */
#include "config.h"

#include "port_fixture.h"
#include "words.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* A listening socket on loopback, its name as tcp:HOST:PORT in PATH. */
static int listen_on_loopback(char *path, size_t size)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &length), 0);
	snprintf(path, size, "tcp:127.0.0.1:%d", ntohs(a.sin_port));
	return fd;
}

static void a_tcp_server_is_a_port(void **state)
{
	struct world *w = *state;
	char path[64], buf[8];
	int listener = listen_on_loopback(path, sizeof(path)), peer, n;

	assert_opens(w, path);
	assert_non_null(strstr(message_words(port_notice(w->port, 0)), "are the server's"));
	peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(peer >= 0);
	assert_int_equal(port_write(w->port, "AT\r", 3, in_ms(LATE_MS), &w->e), 3);
	assert_int_equal(recv(peer, buf, 3, MSG_WAITALL), 3);
	assert_memory_equal(buf, "AT\r", 3);
	assert_int_equal(send(peer, "OK", 2, 0), 2);
	assert_int_equal(port_read(w->port, buf, sizeof(buf), in_ms(LATE_MS), &w->e), 2);
	assert_int_equal(port_set_baud(w->port, 9600, &w->e), 0);
	assert_int_equal(port_drain(w->port, in_ms(LATE_MS), &w->e), 0);
	assert_int_equal(shutdown(peer, SHUT_WR), 0);
	assert_int_equal(blocking_read(w), -1);
	assert_error(w, ERR_GONE);
	fill(w, -1);
	assert_int_equal(port_drain(w->port, in_ms(SOON_MS), &w->e), -1);
	assert_error(w, ERR_TIMEOUT);
	close(peer);
	/* the reset comes in the kernel's own time */
	while ((n = blocking_write(w)) == 0)
		;
	assert_int_equal(n, -1);
	assert_error(w, ERR_GONE);
	port_close(w->port);
	close(listener);
	/* nothing listens there, whatever else runs */
	assert_refused(w, "tcp:127.0.0.1:1", ERR_PORT, "Connection refused");
}

static void a_malformed_tcp_name_is_refused(void **state)
{
	static const char *const rows[] = {
		"tcp:", "tcp:host", "tcp:host:", "tcp::2000", "tcp:host:0",
		"tcp:host:65536", "tcp:host:20x", "tcp:host:-1", "tcp:host: 1",
		"tcp:[]:1", "tcp:host:99999999999999999999",
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_refused(w, rows[i], ERR_USAGE, "Write tcp:HOST:PORT");
}

/* A back end of the caller's: an echo with a clock of its own. */
struct echo {
	struct clock clock;
	int64_t now_ms;
	char held[16];
	size_t size;
	int opened;
};

static int64_t echo_now(const struct clock *self)
{
	return ((const struct echo *)self)->now_ms;
}

static int echo_open(void *ctx, const char *path, const struct port_settings *s,
		     struct err *e)
{
	struct echo *x = ctx;

	if (strcmp(path, "echo") != 0)
		return err_said(e, ERR_PORT, "no echo here");
	x->opened += s->baud;
	return 0;
}

static void echo_close(void *ctx)
{
	((struct echo *)ctx)->opened = 0;
}

static int echo_read(void *ctx, void *buf, size_t size, int64_t deadline_ms,
		     struct err *e)
{
	struct echo *x = ctx;
	size_t n = x->size < size ? x->size : size;

	(void)e;
	memcpy(buf, x->held, n);
	x->size = 0;
	if (!n && x->now_ms < deadline_ms)
		x->now_ms = deadline_ms;
	return (int)n;
}

static int echo_write(void *ctx, const void *buf, size_t size,
		      int64_t deadline_ms, struct err *e)
{
	struct echo *x = ctx;

	(void)deadline_ms;
	(void)e;
	assert_true(size <= sizeof(x->held));
	memcpy(x->held, buf, size);
	x->size = size;
	return (int)size;
}

static int echo_wait(void *ctx, int64_t deadline_ms, struct err *e)
{
	(void)e;
	((struct echo *)ctx)->now_ms = deadline_ms;
	return 0;
}

static void a_back_end_of_the_callers_takes_the_calls(void **state)
{
	static const struct port_backend ops = {
		echo_open, echo_close, echo_read, echo_write, echo_wait, NULL, NULL, NULL, NULL,
	};
	struct world *w = *state;
	struct echo x = { .clock = { echo_now } };
	struct port *p = port_new_custom(&x.clock, &w->interrupt, &ops, &x, &w->e);
	char buf[8];

	assert_non_null(p);
	/* An hour, in no time, with the port closed. */
	assert_int_equal(port_pause(p, 3600000, &w->e), 0);
	assert_int_equal(x.now_ms, 3600000);
	assert_int_equal(port_open(p, "other", &usual, &w->e), -1);
	assert_false(port_is_open(p));
	assert_int_equal(port_open(p, "echo", &usual, &w->e), 0);
	assert_int_equal(x.opened, 115200);
	assert_int_equal(port_write(p, "AT\r", 3, 0, &w->e), 3);
	assert_int_equal(port_read(p, buf, sizeof(buf), 0, &w->e), 3);
	assert_int_equal(port_read(p, buf, sizeof(buf), 3601000, &w->e), 0);
	assert_int_equal(x.now_ms, 3601000);
	assert_int_equal(port_set_baud(p, 9600, &w->e), 0);
	assert_int_equal(port_drain(p, 0, &w->e), 0);
	interrupt_raise(&w->interrupt);
	assert_int_equal(port_read(p, buf, sizeof(buf), INT64_MAX, &w->e), -1);
	assert_error(w, ERR_CANCELLED);
	assert_int_equal(x.now_ms, 3601000);
	port_close(p);
	assert_int_equal(x.opened, 0);
	port_free(p);
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(a_tcp_server_is_a_port),
		WITH_WORLD(a_malformed_tcp_name_is_refused),
		WITH_WORLD(a_back_end_of_the_callers_takes_the_calls),
	};

	return cmocka_run_group_tests_name("port_tcp", tests, NULL, NULL);
}
