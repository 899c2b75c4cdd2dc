/*
 * The package: its fields, filled in from the keyboard, and the browser.
 */
#include "config.h"

#include "screen_fixture.h"

/* -- the keyboard alone -- */

static void an_ftp_upgrade_is_set_up_from_the_keyboard(void **state)
{
	struct rig *r = rig_new(&usual);
	const struct request *run;

	(void)state;
	push_ports(r);
	type(r, "2j\r192.0.2.7/ug96.bin\rj\rfield\tgeheim");	/* Tab goes on to the password */
	assert_false(sees("geheim"));
	type(r, "\r");
	assert_golden("ftp-80x24");
	type(r, "s");
	run = last_request(r, REQUEST_RUN);
	assert_int_equal(run->plan.job, JOB_UPGRADE);
	assert_int_equal(run->plan.route, ROUTE_DOWNLOAD);
	assert_string_equal(run->plan.port, "/dev/ttyACM3");
	assert_string_equal(run->plan.url, "ftp://192.0.2.7/ug96.bin");
	assert_string_equal(run->plan.user, "field");
	assert_string_equal(run->plan.password, "geheim");
	assert_false(run->plan.assume_yes);
	rig_close(r);
}

static void an_http_upgrade_is_set_up_from_the_keyboard(void **state)
{
	struct rig *r = rig_new(&usual);
	const struct request *run;

	(void)state;
	type(r, "2l");
	assert_sees("( ) FTP (*) HTTP ( ) Local file");
	type(r, "j\rexample.org/ug96.bin\rG\rUG96LNAR02A08E1G\rs");
	run = last_request(r, REQUEST_RUN);
	assert_string_equal(run->plan.url, "http://example.org/ug96.bin");
	assert_string_equal(run->plan.target, "UG96LNAR02A08E1G");
	rig_close(r);
}

static void a_local_file_is_set_up_from_the_keyboard(void **state)
{
	struct rig *r = rig_new(&usual);
	char path[] = "/tmp/dfota-screen-XXXXXX", half[sizeof(path)];
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(ftruncate(fd, 307200), 0);
	close(fd);
	snprintf(half, sizeof(half), "%.*s", (int)sizeof(path) - 4, path);
	type(r, "2hj\r");
	type(r, half);
	type(r, "\t\r");
	assert_sees(path);
	assert_string_equal(r->worker.look.plan.file, path);
	r->worker.outlook.package.size = 307200;
	push_outlook(r, PLAN_NOTHING, MSG_NONE, "");
	assert_sees("307,200 B");
	assert_sees("(*) serial port ( ) publish");
	type(r, "s");
	assert_string_equal(last_request(r, REQUEST_RUN)->plan.file, path);
	assert_int_equal(last_request(r, REQUEST_RUN)->plan.route, ROUTE_SERIAL);
	unlink(path);
	rig_close(r);
}

static void a_relay_is_set_up_from_the_keyboard(void **state)
{
	struct rig *r = rig_new(&usual);
	const struct request *run;

	(void)state;
	type(r, "2j\r\025https://example.org/ug96.bin\r");
	assert_sees("( ) FTP (*) HTTP ( ) Local file");
	assert_sees("Deliver  (*) by the module ( ) serial port");
	type(r, "jjjl");
	assert_sees("Deliver  ( ) by the module (*) serial port");
	assert_golden("relay-80x24");
	type(r, "s");
	run = last_request(r, REQUEST_RUN);
	assert_int_equal(run->plan.route, ROUTE_RELAY);
	assert_string_equal(run->plan.url, "https://example.org/ug96.bin");
	type(r, "l");	/* fixed while it runs */
	assert_sees("Deliver  ( ) by the module (*) serial port");
	rig_close(r);
}

static void publishing_is_set_up_from_the_keyboard(void **state)
{
	static const struct {
		int lines, columns;
		const char *golden;
	} rows[] = { { 24, 80, "publish-80x24" }, { 18, 60, "publish-60x18" } };
	const struct request *run;
	struct setup s;
	struct rig *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = sized(rows[i].lines, rows[i].columns);
		r = rig_new(&s);
		push_ports(r);
		type(r, "2jj\r");		/* Deliver */
		assert_sees("( ) serial port (*) publish");
		type(r, "s");
		assert_sees("not now: name the Publish URL first");
		type(r, "\r192.0.2.7/put/ug96.bin\tfield\tgeh");	/* s put the cursor there */
		assert_sees("Password ******");
		type(r, "eim\rj\r");	/* and Overwrite */
		assert_sees("Overwrite ( ) no (*) yes");
		assert_golden(rows[i].golden);
		type(r, "s");
		run = last_request(r, REQUEST_RUN);
		assert_int_equal(run->plan.route, ROUTE_PUBLISH);
		assert_string_equal(run->plan.file, s.file);
		assert_string_equal(run->plan.url, "");
		assert_string_equal(run->plan.publish, "ftp://192.0.2.7/put/ug96.bin");
		assert_string_equal(run->plan.user, "field");
		assert_string_equal(run->plan.password, "geheim");
		assert_true(run->plan.overwrite);
		rig_close(r);
	}
}

static void a_login_in_the_publish_url_is_sent_to_its_fields(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	type(r, "2jjlj\ru:geheim@h/f\r");
	assert_sees("have fields of their own");
	type(r, "\003");
	assert_false(sees("geheim"));
	rig_close(r);
}

/* Neither drawn while it is typed, nor brought back by any field. */
static void a_password_is_never_shown_and_never_remembered(void **state)
{
	struct rig *r = rig_new(&usual);
	static const char keys[] = "geheim";
	char key[2] = "";
	size_t i;

	(void)state;
	type(r, "2j\r192.0.2.7/x.bin\t\025field\t");
	for (i = 0; keys[i]; i++) {
		key[0] = keys[i];
		type(r, key);
		assert_sees("Password ******");
		assert_false(sees("geh") || sees("g*") || sees("******m"));
	}
	type(r, "\r\r");
	for (i = 0; i < 4; i++) {
		send_bytes(r, "\033OA");
		assert_false(sees("geh"));
	}
	type(r, "\003k\r");		/* User has a history, and it is not there */
	for (i = 0; i < 4; i++) {
		send_bytes(r, "\033OA");
		assert_false(sees("geh"));
	}
	type(r, "\003s");
	assert_string_equal(last_request(r, REQUEST_RUN)->plan.password, "geheim");
	rig_close(r);
}

/* -- the browser -- */

/* Nothing was upgraded yet. */
static void forget_packages(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/dfota/recent", state_home);
	unlink(path);
}

static void make_file(const char *directory, const char *name, off_t size)
{
	const struct timespec times[2] = { { 1710152100, 0 }, { 1710152100, 0 } };	/* 2024-03-11 10:15 */
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	assert_int_equal(ftruncate(fd, size) | futimens(fd, times), 0);
	close(fd);
}

/* A home directory with packages. */
static void make_packages(char *home)
{
	static const char *const names[] = {
		"ug96-06-07.bin", "ug96-06-08.bin.manifest", "ug96-a-name-so-long-that-it-is-cut-on-every-screen-06-09.bin",
		"evil\033[2J\xe2\x80\xaename.bin", "manual.pdf",
	};
	char path[256];
	size_t i;

	assert_non_null(mkdtemp(home));
	setenv("HOME", home, 1);
	setenv("TZ", "UTC", 1);
	snprintf(path, sizeof(path), "%s/old", home);
	assert_int_equal(mkdir(path, 0700), 0);
	make_file(home, "old/ug96-05-06.bin", 298000);
	make_file(home, "ug96-06-08.bin", 307200);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		make_file(home, names[i], (off_t)(i * 1000000));
}

static void remove_packages(const char *home)
{
	nftw(home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void a_package_is_chosen_in_the_browser(void **state)
{
	static const struct {
		int lines, columns;
		const char *golden;
	} rows[] = { { 24, 80, "browser-80x24" }, { 18, 60, "browser-60x18" }, { 12, 40, "browser-40x12" } };
	char home[32], file[64], want[64];
	struct setup s;
	struct rig *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strcpy(home, "/tmp/dfota-home-XXXXXX");
		make_packages(home);
		forget_packages();
		snprintf(file, sizeof(file), "%s/old/ug96-05-06.bin", home);
		s = sized(rows[i].lines, rows[i].columns);
		s.file = file;
		r = rig_new(&s);
		type(r, "2s");			/* it is recent from now on */
		last_request(r, REQUEST_RUN);
		push(r, &(struct event){ .type = EVENT_RESULT, .result = { .stop = ERR_BUSY } });
		wait_a_bit(r);
		wait_a_bit(r);
		type(r, " 2o");
		assert_sees("> ug96-05-06.bin");
		send_bytes(r, "\177");		/* up */
		assert_sees("> old/");
		type(r, "jjjj");
		assert_golden(rows[i].golden);
		type(r, "\r");
		assert_false(sees("Package file"));
		snprintf(want, sizeof(want), "%s/ug96-06-08.bin", home);
		type(r, "s");
		assert_string_equal(last_request(r, REQUEST_RUN)->plan.file, want);
		rig_close(r);
		remove_packages(home);
	}
}

/* What is known of the file under the cursor, as the worker answers. */
static void answer_listed(struct rig *r, enum message_id problem)
{
	step(r);
	memset(&r->worker.outlook, 0, sizeof(r->worker.outlook));
	r->worker.outlook.package = (struct package_info){
		.from = "UG96LNAR02A06E1G", .to = "UG96LNAR02A08E1G", .size = 307200,
		.sha256 = "9f2c41d06a7be8135c4f0d92e7a86b3190cd4e5f6a7b8c9d0e1f2a3b4c5d6e7f",
	};
	if (problem != MSG_NONE) {
		r->worker.outlook.field = PLAN_TARGET;
		message_set(&r->worker.outlook.problem, problem, "");
	}
	answer_look(r);
}

static void the_browser_says_what_a_manifest_says(void **state)
{
	static const struct {
		int lines, columns;
		const char *golden;
	} rows[] = { { 24, 80, "browser-about-80x24" }, { 18, 60, "browser-about-60x18" }, { 12, 40, "browser-about-40x12" } };
	char home[32], want[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setup s = sized(rows[i].lines, rows[i].columns);
		struct rig *r;
		unsigned looks;

		strcpy(home, "/tmp/dfota-home-XXXXXX");
		make_packages(home);
		forget_packages();
		snprintf(want, sizeof(want), "%s/ug96-06-08.bin", home);
		s.file = want;
		r = rig_new(&s);
		type(r, "2o");
		assert_string_equal(r->worker.look.plan.file, want);
		assert_int_equal(r->worker.look.plan.route, ROUTE_SERIAL);
		answer_listed(r, MSG_NONE);
		assert_golden(rows[i].golden);
		looks = r->worker.looks;
		type(r, "k");
		assert_int_equal(r->worker.looks, looks + 1);
		assert_false(sees("9f2c41"));	/* of the one before */
		type(r, "j");
		answer_listed(r, MSG_NONE);
		assert_sees("9f2c41d06a7b..");
		type(r, "j");
		assert_non_null(strstr(r->worker.look.plan.file, "ug96-a-name"));
		answer_listed(r, MSG_TARGET_MISSING);
		assert_sees("no manifest says");
		assert_sees("06-09.bin");
		type(r, "q");
		assert_string_equal(r->worker.look.plan.file, want);	/* the fields again */
		rig_close(r);
		remove_packages(home);
	}
}

static void a_manifest_is_chosen_in_the_browser(void **state)
{
	char home[] = "/tmp/dfota-home-XXXXXX", file[64], want[80];
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	make_packages(home);
	forget_packages();
	snprintf(file, sizeof(file), "%s/ug96-06-08.bin", home);
	snprintf(want, sizeof(want), "%s.manifest", file);
	s.file = file;
	r = rig_new(&s);
	type(r, "2jjjo");
	assert_sees("Manifest ");
	assert_sees("> ug96-06-08.bin");
	type(r, "j");
	assert_sees("> ug96-06-08.bin.manifest");
	assert_string_equal(r->worker.look.plan.manifest, want);
	assert_string_equal(r->worker.look.plan.file, file);
	type(r, "\r");
	assert_false(sees("> ug96"));
	assert_string_equal(r->worker.look.plan.manifest, want);
	type(r, "s");
	assert_string_equal(last_request(r, REQUEST_RUN)->plan.manifest, want);
	assert_string_equal(last_request(r, REQUEST_RUN)->plan.file, file);
	rig_close(r);

	/* of a URL: the only file there is; its server is not asked on the way */
	s.file = NULL;
	s.url = "http://192.0.2.7/p.bin";
	assert_int_equal(chdir(home), 0);
	r = rig_new(&s);
	type(r, "2og");
	while (!sees("> ug96-06-08.bin.manifest"))
		type(r, "j");
	assert_string_equal(r->worker.look.plan.url, "");
	type(r, "\r");
	assert_non_null(strstr(r->worker.look.plan.manifest, "ug96-06-08.bin.manifest"));
	assert_string_equal(r->worker.look.plan.url, "http://192.0.2.7/p.bin");
	rig_close(r);
	assert_int_equal(chdir("/"), 0);
	remove_packages(home);
}

static void the_browser_is_left_without_a_choice(void **state)
{
	static const char *const keys[] = { "q", "\003", "\007" };
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);
	size_t i;

	(void)state;
	type(r, "1o");
	assert_false(sees("Package file"));	/* the key is one of pane 2 */
	type(r, "2");
	assert_sees("o browse");
	for (i = 0; i < 3; i++) {
		type(r, "o");
		assert_sees("Package file");
		send_bytes(r, "\r\rqq");		/* a burst chooses nothing */
		assert_sees("Package file");
		type(r, "jjGgkbfhx");
		type(r, keys[i]);
		assert_false(sees("Package file"));
		assert_sees("/nonexistent/ug96-06-08.bin");
	}
	assert_true(r->open);
	assert_int_equal(r->worker.request_count, 0);
	rig_close(r);
}

static void only_packages_of_real_upgrades_are_recent(void **state)
{
	char home[] = "/tmp/dfota-home-XXXXXX", file[64], recent[64];
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	make_packages(home);
	forget_packages();
	snprintf(file, sizeof(file), "%s/ug96-06-08.bin", home);
	snprintf(recent, sizeof(recent), "%s/dfota/recent", state_home);
	s.file = file;
	s.demo = true;
	r = rig_new(&s);
	type(r, "s");
	last_request(r, REQUEST_RUN);
	rig_close(r);
	assert_int_equal(access(recent, F_OK), -1);
	s.demo = false;
	r = rig_new(&s);
	type(r, "1\r");			/* identified, not upgraded */
	last_request(r, REQUEST_RUN);
	rig_close(r);
	assert_int_equal(access(recent, F_OK), -1);
	r = rig_new(&s);
	type(r, "s");
	rig_close(r);
	assert_int_equal(unlink(recent), 0);
	remove_packages(home);
}

static void the_browser_survives_any_size(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r;
	int lines, columns;

	(void)state;
	s.file = "/etc/passwd";
	s.publish = "ftp://192.0.2.7/x";
	r = rig_new(&s);
	type(r, "2");
	for (lines = 1; lines < 45; lines += lines < 8 ? 1 : 5)
		for (columns = 1; columns < 135; columns += columns < 12 ? 1 : 7) {
			resizeterm(lines, columns);
			wait_a_bit(r);
			type(r, "oGkg\003");
			wait_a_bit(r);
			assert_true(r->open);
		}
	rig_close(r);
}

/* -- what the fields say -- */

static void a_missing_file_is_said_at_once(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	assert_string_equal(r->worker.look.plan.file, s.file);
	push_outlook(r, PLAN_FILE, MSG_PACKAGE_MISSING, "path=%s", s.file);
	assert_sees("there is no package");
	rig_close(r);
}

static void a_sentence_that_does_not_fit_ends_in_a_mark(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	push_outlook(r, PLAN_FILE, MSG_SAID, "text=%s", "a server with a name that no pane of this width could ever hold");
	assert_sees("no pane of this~ │");
	rig_close(r);
}

/* Whatever has the keys, a URL picks its source; Enter takes it. */
/* The first HTTP upgrade, up to the question: five keys and the URL are the limit. */
static void an_http_upgrade_takes_five_keys_and_the_url(void **state)
{
	struct event ready = result_event(OUTCOME_READY);
	struct setup s = usual;
	struct rig *r;
	int keys = 1;

	(void)state;
	s.port = NULL;
	r = rig_new(&s);
	push_ports(r);
	wait_a_bit(r);
	type(r, "\r");	/* the port that is marked */
	push_identity(r, "UG96LNAR02A06E1G");
	ready.result.job = JOB_PROBE;
	push(r, &ready);
	wait_a_bit(r);
	send_bytes(r, "http://192.0.2.7/ug96-06-08.bin");
	type(r, "\rs");
	keys += 2;
	assert_string_equal(last_request(r, REQUEST_RUN)->plan.port, "/dev/ttyACM3");
	assert_int_equal(last_request(r, REQUEST_RUN)->plan.job, JOB_UPGRADE);
	assert_string_equal(last_request(r, REQUEST_RUN)->plan.url, "http://192.0.2.7/ug96-06-08.bin");
	assert_in_range(keys, 1, 5);
	rig_close(r);
}

static void a_pasted_url_picks_its_source(void **state)
{
	static const struct {
		const char *before, *paste, *source, *url;
	} rows[] = {
		{ "1", "http://h/a.bin", "(*) HTTP", "http://h/a.bin" },
		{ "2", "ftp://h/a.bin", "(*) FTP", "ftp://h/a.bin" },
		{ "3", "https://h/a.bin", "(*) HTTP", "https://h/a.bin" },
		{ "2hj\r", "http://h/file.bin", "(*) HTTP", "http://h/file.bin" },	/* into File */
		{ "2hjjj\r", "ftp://h/manifest.bin", "(*) FTP", "ftp://h/manifest.bin" },
		{ "2j\r", "http://h/after.bin", "(*) HTTP", "http://h/after.bin" },	/* behind ftp:// */
	};
	struct rig *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = rig_new(&usual);
		type(r, rows[i].before);
		send_bytes(r, rows[i].paste);
		assert_sees(rows[i].paste);
		type(r, "\r");
		assert_sees(rows[i].source);
		assert_string_equal(r->worker.look.plan.url, rows[i].url);
		assert_int_equal(r->worker.request_count, 0);
		rig_close(r);
	}
	/* a burst of keys is no URL */
	r = rig_new(&usual);
	type(r, "2");
	send_bytes(r, "hhhh");
	assert_false(sees("Enter takes it"));
	rig_close(r);
}

/* Each field that can't work: s says so, goes there, and starts nothing. */
static void s_goes_to_the_field_it_waits_for(void **state)
{
	static const struct {
		enum plan_field field;
		const char *reason, *typed;	/* in the field that s went to */
	} rows[] = {
		{ PLAN_FILE, "the file cannot work", "File     x" },
		{ PLAN_MANIFEST, "the manifest does not fit", "Manifest x" },
		{ PLAN_TARGET, "the target cannot work", "Target   x" },
	};
	struct setup s = sized(24, 120);
	struct rig *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = rig_new(&s);
		push_outlook(r, rows[i].field, MSG_SAID, "text=%s", "because of that");
		assert_sees("because of that");
		type(r, "3");
		assert_sees(rows[i].reason);	/* in the bar */
		type(r, "s");
		assert_sees("because of that");
		assert_false(r->worker.request_count);
		type(r, "\r\025x");
		assert_sees(rows[i].typed);
		type(r, "\r");	/* it is another one now: nothing is against it yet */
		assert_int_equal(r->worker.look.number, 2);
		assert_false(sees(rows[i].reason));
		rig_close(r);
	}
}

static void without_a_port_s_goes_to_the_ports(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	s.port = NULL;
	r = rig_new(&s);
	type(r, "2s");
	assert_sees("not now: choose a port first");
	type(r, "\r");
	assert_sees("Path of the port:");
	assert_false(r->worker.request_count);
	rig_close(r);
}

/* What is known before the start, at the other sizes of the screen. */
static void what_cannot_work_is_said_at_every_size(void **state)
{
	static const struct {
		int lines, columns;
		const char *golden;
	} rows[] = { { 40, 120, "foresee-120x40" }, { 18, 60, "foresee-60x18" }, { 12, 40, "foresee-40x12" }, { 24, 80, "foresee-80x24" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setup s = sized(rows[i].lines, rows[i].columns);
		struct rig *r = rig_new(&s);

		push_ports(r);
		type(r, "2j");
		push_outlook(r, PLAN_FILE, MSG_PACKAGE_MISSING, "path=%s", s.file);
		wait_a_bit(r);
		assert_golden(rows[i].golden);
		rig_close(r);
	}
}

static void a_manifest_fills_the_target_and_goes_with_the_upgrade(void **state)
{
	struct setup s = usual;
	struct rig *r;

	(void)state;
	s.url = "http://192.0.2.7/ug96.bin";
	r = rig_new(&s);
	r->worker.outlook.asking = true;
	push_outlook(r, PLAN_TARGET, MSG_TARGET_MISSING, "");
	assert_sees("asking the server ...");
	type(r, "s");
	assert_sees("looks for a manifest");
	assert_false(r->worker.request_count);
	r->worker.outlook.asking = false;
	r->worker.outlook.fetched = true;
	strcpy(r->worker.outlook.manifest, "/state/manifests/ug96");
	strcpy(r->worker.outlook.package.to, "UG96LNAR02A08E1G");
	push_outlook(r, PLAN_NOTHING, MSG_NONE, "");
	type(r, "2");
	assert_golden("manifest-beside-80x24");
	assert_sees("Target   UG96LNAR0");
	assert_sees("Manifest (beside)");
	type(r, "s");
	assert_string_equal(last_request(r, REQUEST_RUN)->plan.manifest, "/state/manifests/ug96");
	rig_close(r);
}

static void an_answer_about_what_was_typed_before_is_no_answer(void **state)
{
	struct setup s = sized(24, 80);
	struct rig *r = rig_new(&s);

	(void)state;
	r->worker.outlook.number = r->worker.look.number;
	r->worker.outlook.field = PLAN_FILE;
	message_set(&r->worker.outlook.problem, MSG_SAID, "text=%s", "of another file");
	type(r, "2j\rx\r");
	r->worker.outlook_new = true;
	step(r);
	assert_false(sees("of another file"));
	/* what the module turns out to be is asked about again */
	push_identity(r, "UG96LNAR02A06E1G");
	wait_a_bit(r);
	assert_string_equal(r->worker.look.module.version, "UG96LNAR02A06E1G");
	rig_close(r);
}

/* Two dashes and a word make no option of it, wherever it is shown. */
static void a_file_name_is_shown_as_it_is(void **state)
{
	static const char name[] = "ug96--target-08.bin";
	struct event question = question_event(), result = result_event(OUTCOME_STOPPED);
	struct setup s = sized(24, 80);
	struct rig *r;

	(void)state;
	s.file = "/nonexistent/ug96--target-08.bin";
	r = rig_new(&s);
	assert_sees(name);
	type(r, "s");
	push_step(r, STEP_PREPARE, true, ROUTE_SERIAL);
	push_notice(r, SEVERITY_WARNING, "/nonexistent/ug96--target-08.bin has no manifest");
	wait_a_bit(r);
	assert_sees("! /nonexistent/ug96--target-08.bin has no manifest");	/* in the log */
	assert_sees("\xe2\x94\x82 /nonexistent/ug96--target-08.bin has no manifest");	/* and in pane 4 */
	strcpy(question.question.package, name);
	ADD_FACT(&question.question, MSG_SAID, "text=%s", "ug96--target-08.bin could not be compared");
	push(r, &question);
	wait_a_bit(r);
	assert_sees("Package   ug96--target-08.bin");
	assert_sees("ug96--target-08.bin could not be compared");
	message_set(&result.result.what, MSG_SAID, "text=%s", "opening ug96--target-08.bin: Permission denied");
	strcpy(result.result.advice, "Make ug96--target-08.bin readable.");
	push(r, &result);
	wait_a_bit(r);
	assert_sees("What      opening ug96--target-08.bin: Permission denied");
	assert_sees("Next      Make ug96--target-08.bin readable.");
	wait_a_bit(r);
	type(r, "x");
	assert_sees("\xe2\x94\x82 Make ug96--target-08.bin readable.");
	rig_close(r);
}

static void what_is_wrong_with_a_url_is_said_when_its_field_is_left(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	type(r, "2j\rh.example\r");
	assert_sees("names no file");
	assert_sees("ftp://h.example");
	assert_false(r->worker.request_count);
	rig_close(r);
}

static void a_login_in_a_url_is_sent_to_its_fields(void **state)
{
	struct rig *r = rig_new(&usual);

	(void)state;
	type(r, "2j\ru:geheim@h/f\r");
	assert_sees("have fields of their own");
	assert_false(r->worker.request_count);
	type(r, "\003");	/* leaves the field as it was */
	assert_false(sees("geheim"));
	assert_sees("(of the package)");
	rig_close(r);
}

static void a_package_is_forgotten_when_its_fields_change(void **state)
{
	static const char *const changes[] = {
		"gl",			/* another source */
		"gjjjjl",		/* another way of delivery */
		"gj\rx\r",		/* another name */
	};
	struct event ev = { .type = EVENT_PACKAGE };
	size_t i;

	(void)state;
	ev.package = (struct package_info){ .name = "ug96-06-08.bin", .size = 307200, .sha256 = "9f2c41d06a7be813",
					    .from = "UG96LNAR02A06E1G", .to = "UG96LNAR02A08E1G" };
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct setup s = usual;
		struct rig *r;

		s.url = "ftp://192.0.2.7/ug96-06-08.bin";
		r = rig_new(&s);
		push(r, &ev);
		step(r);
		assert_sees("307,200 B  06E1G -> 08E1G  sha256 9f2c41..");
		type(r, "2gj\r\r");	/* edited, but nothing changed */
		assert_sees("sha256 9f2c41..");
		type(r, changes[i]);
		if (sees("sha256") || sees("307,200"))
			fail_msg("change %zu: the package is still there", i);
		rig_close(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ftp_upgrade_is_set_up_from_the_keyboard),
		cmocka_unit_test(an_http_upgrade_is_set_up_from_the_keyboard),
		cmocka_unit_test(a_local_file_is_set_up_from_the_keyboard),
		cmocka_unit_test(a_relay_is_set_up_from_the_keyboard),
		cmocka_unit_test(publishing_is_set_up_from_the_keyboard),
		cmocka_unit_test(a_login_in_the_publish_url_is_sent_to_its_fields),
		cmocka_unit_test(a_password_is_never_shown_and_never_remembered),
		cmocka_unit_test(a_package_is_chosen_in_the_browser),
		cmocka_unit_test(the_browser_says_what_a_manifest_says),
		cmocka_unit_test(a_manifest_is_chosen_in_the_browser),
		cmocka_unit_test(the_browser_is_left_without_a_choice),
		cmocka_unit_test(only_packages_of_real_upgrades_are_recent),
		cmocka_unit_test(the_browser_survives_any_size),
		cmocka_unit_test(a_missing_file_is_said_at_once),
		cmocka_unit_test(a_sentence_that_does_not_fit_ends_in_a_mark),
		cmocka_unit_test(an_http_upgrade_takes_five_keys_and_the_url),
		cmocka_unit_test(a_pasted_url_picks_its_source),
		cmocka_unit_test(s_goes_to_the_field_it_waits_for),
		cmocka_unit_test(without_a_port_s_goes_to_the_ports),
		cmocka_unit_test(what_cannot_work_is_said_at_every_size),
		cmocka_unit_test(a_manifest_fills_the_target_and_goes_with_the_upgrade),
		cmocka_unit_test(an_answer_about_what_was_typed_before_is_no_answer),
		cmocka_unit_test(a_file_name_is_shown_as_it_is),
		cmocka_unit_test(what_is_wrong_with_a_url_is_said_when_its_field_is_left),
		cmocka_unit_test(a_login_in_a_url_is_sent_to_its_fields),
		cmocka_unit_test(a_package_is_forgotten_when_its_fields_change),
	};

	return cmocka_run_group_tests(tests, begin_state_home, end_state_home);
}
