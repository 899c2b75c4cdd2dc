/*
 * What there is no room for: it ends in a mark, and a key shows it whole.
 */
#include "config.h"

#include "pages_fixture.h"

#define LONG_URL "http://packages.example.net/quectel/ug96/UG96LNAR02A06E1G/to/UG96LNAR02A08E1G/2026-11-30/delta-package-for-field-units.bin"

/* The values that are typed or found, each longer than its place. */
static struct rig *crowded(int lines, int columns)
{
	struct setup s = sized(lines, columns);
	struct event ev = { .type = EVENT_PORT };
	struct rig *r;

	s.file = NULL;
	s.url = LONG_URL;
	s.port = "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_of_the_gateway_A50285BI-if00-port0";
	r = rig_new(&s);
	push_ports(r);
	step(r);
	ev.port.count = 1;
	ev.port.info = (struct port_info){
		.path = "/dev/ttyUSB7", .description = "FT232R USB UART with a very long name", .serial = "A50285BI0123456789",
		.usb_path = "3-1.4.4.1", .driver = "ftdi_sio", .usb_vid = 0x0403, .usb_pid = 0x6001, .usb_interface = 2,
		.holder = "a-terminal-program-with-a-long-name (31234)",
	};
	push(r, &ev);
	push_line(r, LINE_TX, "AT+QFOTADL=\"" LONG_URL "\",1,50,60", false, false);
	push_line(r, LINE_RX, "+CME ERROR: 50", false, true);
	wait_a_bit(r);
	return r;
}

/* Each row that shows a start of TEXT, at least FROM of its letters, shows all of it or ends
 * the part in the mark. */
static void assert_marked(const char *text, size_t from)
{
	char *p = picture(), *at, start[32];
	size_t same;

	snprintf(start, sizeof(start), "%.*s", (int)from, text);
	for (at = strstr(p, start); at; at = strstr(at + 1, start)) {
		for (same = from; text[same] && at[same] == text[same];)
			same++;
		if (text[same] && at[same] != '~')
			fail_msg("\"%.40s...\" is cut without a mark:\n%s", text, p);
	}
	free(p);
}

static void what_is_cut_ends_in_a_mark(void **state)
{
	static const struct {
		int lines, columns;
	} shapes[] = { { 24, 80 }, { 40, 120 }, { 18, 60 }, { 12, 40 }, { 8, 24 } };
	static const char *const panes[] = { "1", "2", "3", "4" };

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct rig *r = crowded(shapes[i].lines, shapes[i].columns);

		for (size_t k = 0; k < 4; k++) {
			send_bytes(r, panes[k]);
			wait_a_bit(r);
			assert_marked(LONG_URL, 8);
			assert_marked("/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_of_the_gateway_A50285BI-if00-port0", 12);
			assert_marked("held by a-terminal-program-with-a-long-name (31234)", 10);
			assert_marked("AT+QFOTADL=\"" LONG_URL "\",1,50,60", 10);
		}
		rig_close(r);
	}
}

static void a_field_that_scrolls_says_so_on_both_sides(void **state)
{
	struct rig *r = crowded(24, 80);

	(void)state;
	send_bytes(r, "2");
	send_bytes(r, "j");
	assert_sees("reverse: URL");
	send_bytes(r, "\r");
	assert_sees("URL      ~");
	assert_sees("field-units.bin");
	send_bytes(r, "\033[H");
	assert_sees("URL      http://packages.example.net/quec~");
	assert_marked(LONG_URL, 12);
	rig_close(r);
}

static void a_log_moved_sideways_marks_its_left(void **state)
{
	struct rig *r = crowded(24, 80);

	(void)state;
	send_bytes(r, "3");
	send_bytes(r, "l");
	assert_sees("> ~");
	assert_sees("kages.example.net/");
	rig_close(r);
}

/* The whole of LONG stands on the page, over as many rows as it takes. */
static void assert_whole(const char *text)
{
	char *p = picture(), *q = p, *out = p;
	bool found;

	for (; *q; q++)		/* joined: without frames, blanks and ends of rows */
		if ((unsigned char)*q > ' ' && (unsigned char)*q < 0x7f)
			*out++ = *q;
	*out = '\0';
	found = strstr(p, text) != NULL;
	if (!found)
		print_error("not whole: %s\n%s\n", text, p);
	free(p);
	assert_true(found);
}

static void a_key_shows_it_whole(void **state)
{
	static const struct {
		const char *pane, *name, *whole;
	} rows[] = {
		{ "1", "whole-port", "a-terminal-program-with-a-long-name(31234)" },
		{ "2", "whole-package", LONG_URL },
		{ "3", "whole-log", "AT+QFOTADL=\"" LONG_URL "\",1,50,60" },
	};

	(void)state;
	for (size_t i = 0; i < SIZE_COUNT; i++)
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
			struct rig *r = crowded(sizes[i].lines, sizes[i].columns);

			send_bytes(r, rows[k].pane);
			if (k == 0)
				send_bytes(r, "j");
			send_bytes(r, "v");
			assert_page(rows[k].name, sizes[i].name);
			while (k != 2 && sees("more: Down"))
				send_bytes(r, "j");
			if (sizes[i].lines >= 18)
				assert_whole(rows[k].whole);
			send_bytes(r, "x");
			assert_false(sees("any other key: back"));
			rig_close(r);
		}
}

static void what_was_said_is_whole(void **state)
{
	struct rig *r = crowded(12, 40);

	(void)state;
	push_ports(r);
	type(r, "s");
	push_step(r, STEP_CHECK, true, ROUTE_DOWNLOAD);
	push_notice(r, SEVERITY_WARNING, "the supply is not measured: on this board the pin is not wired, so the figure that the module "
		    "tells says nothing of the voltage under load");
	wait_a_bit(r);
	send_bytes(r, "4");
	send_bytes(r, "v");
	while (sees("more: Down"))
		send_bytes(r, "j");
	assert_sees("under load");
	rig_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAGE_TEST(what_is_cut_ends_in_a_mark),
		PAGE_TEST(a_field_that_scrolls_says_so_on_both_sides),
		PAGE_TEST(a_log_moved_sideways_marks_its_left),
		PAGE_TEST(a_key_shows_it_whole),
		PAGE_TEST(what_was_said_is_whole),
	};

	return RUN_PAGE_TESTS(tests);
}
