#include "config.h"

#include "sim/flash.h"

#include <stdio.h>
#include <string.h>

#include "protocol/at.h"
#include "sim/blocks.h"
#include "sim/data.h"
#include "sim/demo_package.h"
#include "sim/files.h"

#define PREFIX "+QIND: \"FOTA\","
#define DATA_TIMEOUT_S 60	/* of a serial form that names none (assumption) */
#define NOT_FOUND 405
#define TOO_LARGE 423
#define NAME_MAX_BYTES 50	/* user, password, host: protocol.md 1.1 */

static const char *const source_names[] = {
	[SIM_FROM_FTP] = "FTP", [SIM_FROM_HTTP] = "HTTP",
	[SIM_FROM_COM] = "COM", [SIM_FROM_FILE] = "FILE",
};

static enum sim_answer fail(struct sim *s, int cme)
{
	s->cme = cme;
	return SIM_ERROR;
}

static void say(struct sim *s, const char *source, const char *word)
{
	char text[64];

	snprintf(text, sizeof(text), PREFIX "\"%s%s\"", source, word);
	sim_urc(s, text);
}

static void say_number(struct sim *s, const char *source, const char *word, long number)
{
	char text[80];

	snprintf(text, sizeof(text), PREFIX "\"%s%s\",%ld", source, word, number);
	sim_urc(s, text);
}

void sim_upgrade_cancel(struct sim *s)
{
	s->stage = SIM_IDLE;
	s->no_return = false;
	s->timer[SIM_TIMER_STAGE] = SIM_NEVER;
}

static bool over(const char *from, const char *to)
{
	return to - from > NAME_MAX_BYTES;
}

/* "user:password@host:port" from P to END. */
static const char *authority_fault(const char *p, const char *end)
{
	const char *at = memchr(p, '@', (size_t)(end - p)), *colon;
	long port;

	if (at) {
		colon = memchr(p, ':', (size_t)(at - p));
		if (over(p, colon ? colon : at) || (colon && over(colon + 1, at)))
			return "user or password too long";
		p = at + 1;
		if (memchr(p, '@', (size_t)(end - p)))
			return "more than one @";
	}
	colon = memchr(p, ':', (size_t)(end - p));
	if (colon && !slice_number((struct slice){ colon + 1, (size_t)(end - colon - 1) }, 1, 65535, &port))
		return "no port number";
	if (p == (colon ? colon : end) || over(p, colon ? colon : end))
		return "no host, or too long";
	return NULL;
}

/* "http://" at the begin of URL, one of those it takes: its length, else 0. */
static size_t scheme_size(const struct sim *s, struct slice url)
{
	for (const char *name = s->set.schemes; *name; name += strspn(name, " ")) {
		size_t size = strcspn(name, " ");

		if (url.size > size + 3 && !memcmp(url.data, name, size) && !memcmp(url.data + size, "://", 3))
			return size + 3;
		name += size;
	}
	return 0;
}

/* What is wrong with URL, NULL nothing: protocol.md 1.1. */
static const char *url_fault(const struct sim *s, struct slice url)
{
	const char *p = url.data, *end = url.data + url.size, *path;
	size_t scheme = scheme_size(s, url);

	if (url.size > SIM_URL_MAX)
		return "too long";
	for (const char *c = p; c < end; c++) {
		if (*c < 0x21 || *c > 0x7e || *c == '\\' || *c == '#')
			return "forbidden byte";
		if (*c == '%' && end - c > 2 &&
		    (!memcmp(c, "%00", 3) || (c[1] == '0' && strchr("aAdD", c[2]))))
			return "forbidden escape";
	}
	if (!scheme)
		return "unknown scheme";
	p += scheme;
	path = memchr(p, '/', (size_t)(end - p));
	if (!path)
		return "no path";
	return authority_fault(p, path);
}

/* What follows the URL's closing quote. */
static bool tail_fits(const struct sim *s, const char *tail)
{
	return !*tail || (s->set.url_tail[0] && !strcmp(tail, s->set.url_tail));
}

static bool is_local(const struct sim *s, struct slice name)
{
	return s->set.local[0] && slice_begins(name, s->set.local);
}

void sim_upgrade_judge(struct sim *s, const char *command)
{
	static const char prefix[] = "AT+QFOTADL=";
	const char *value = command + sizeof(prefix) - 1, *fault;
	struct slice name;
	struct at_fields f;

	if (!strcmp(command, "AT+QFDEL=\"*\""))
		sim_blame(s, "AT+QFDEL=\"*\" deletes every file");
	if (!strcmp(command, "AT+QFOTADL?"))
		sim_blame(s, "AT+QFOTADL? is documented nowhere");
	if (strncmp(command, prefix, sizeof(prefix) - 1) != 0 || !strcmp(value, "?"))
		return;
	s->upgrades++;
	f = at_fields((struct slice){ value, strlen(value) }, "");
	if (!at_field_string(&f, &name)) {
		sim_blame(s, "%.60s: no form of the command; a number starts an upgrade on BG96", command);
		return;
	}
	if (slice_begins(name, "COM:") || slice_begins(name, "FILE:") || is_local(s, name))
		return;
	fault = url_fault(s, name);
	if (fault)
		sim_blame(s, "a malformed URL: %s", fault);
	else if (!tail_fits(s, name.data + name.size + 1))
		sim_blame(s, "parameters after the URL that this module does not know");
}

/* CME number of what keeps it from the network, 0 nothing. */
static int network_fault(const struct sim *s)
{
	if (!strcmp(s->set.cpin, "none"))
		return 10;
	if (strcmp(s->set.cpin, "READY") != 0)
		return strcmp(s->set.cpin, "SIM PUK") ? 11 : 12;
	if (!sim_registered(s))
		return 30;
	return s->set.context ? 0 : 3;
}

static enum sim_answer begin_url(struct sim *s, struct slice url)
{
	int cme = network_fault(s);

	if (url_fault(s, url) || !tail_fits(s, url.data + url.size + 1))
		return fail(s, -1);
	if (cme)
		return fail(s, cme);
	slice_copy(s->url, sizeof(s->url), url);
	s->source = slice_begins(url, "ftp:") ? SIM_FROM_FTP : SIM_FROM_HTTP;
	sim_next_stage(s, SIM_WAIT_SOURCE, s->set.start_ms);
	return SIM_OK;
}

static void begin_digest(struct sim *s)
{
	sha256_init(&s->digest);
	s->digest_size = 0;
	s->downloaded = 0;
	s->local[0] = '\0';
}

/* Number ROW of LIST, -1 past its end. */
static long number_at(const char *list, size_t row)
{
	struct at_fields f = at_fields((struct slice){ list, strlen(list) }, "");
	long number = -1;

	for (size_t i = 0; i <= row; i++)
		if (!at_field_number(&f, number + 1, 100, &number))
			return -1;
	return number;
}

/* The lines of DOWNLOADING up to PERCENT. */
static void say_downloaded(struct sim *s, long percent)
{
	long next;

	while ((next = number_at(s->set.downloading, s->downloaded)) >= 0 && next <= percent) {
		say_number(s, "", "DOWNLOADING", next);
		s->downloaded++;
	}
}

static void take(struct sim *s, const unsigned char *bytes, size_t size)
{
	sha256_update(&s->digest, size, bytes);
	s->digest_size += size;
	say_downloaded(s, (long)(s->digest_size * 100 / s->data.declared));
}

/* END code of the package that came, 0: it is the right one. */
static int package_fault(const struct sim *s)
{
	struct sha256_ctx digest = s->digest;
	char hex[65];

	sim_hex_digest(&digest, hex);
	if (s->digest_size != s->package_size || strcmp(hex, s->package_sha256) != 0)
		return (int)s->set.damaged_code;
	return strcmp(s->set.version, s->base) ? (int)s->set.base_code : 0;
}

static void end_transfer(struct sim *s, bool whole)
{
	if (!whole)
		sim_upgrade_cancel(s);
	else
		s->spoiled += package_fault(s) == s->set.damaged_code;
}

/* The package is there: its check, and START. Some restart for it. */
static void check_package(struct sim *s)
{
	sim_next_stage(s, SIM_CHECK, s->set.start_ms);
	s->own_restart = s->set.replug;
	if (s->own_restart)
		sim_leave(s, false, s->set.absent_ms);
}

/* A package that AT+QFUPL has brought. */
static enum sim_answer begin_local(struct sim *s, struct slice path)
{
	size_t prefix = strlen(s->set.local);
	struct slice name = { path.data + prefix, path.size - prefix };
	const struct sim_file *file = sim_file_find(s, name);

	if (!file)
		return fail(s, NOT_FOUND);
	begin_digest(s);
	sha256_update(&s->digest, file->size, file->bytes);
	s->digest_size = file->size;
	snprintf(s->local, sizeof(s->local), "%s", file->name);
	check_package(s);
	return SIM_OK;
}

/* All package bytes came over the port. */
static void received(struct sim *s, long arg)
{
	(void)arg;
	if (s->source == SIM_FROM_FILE)
		say_number(s, source_names[s->source], "END", 0);
	else if (!s->hush)
		sim_put_ok(s);
	check_package(s);
}

static const struct sim_transfer transfer = {
	.take = take, .end = end_transfer, .received = received, .forget = sim_upgrade_cancel,
};

/* "COM:",size[,timeout], "COM:size"[,timeout] or "FILE:size", as `dialect` says. */
static enum sim_answer begin_serial(struct sim *s, struct slice name, struct at_fields *f)
{
	bool file = s->set.dialect == SIM_DIALECT_FILE;
	const char *prefix = file ? "FILE:" : "COM:";
	long size, timeout_s = DATA_TIMEOUT_S;
	struct slice inside;

	if (!slice_begins(name, prefix))
		return fail(s, -1);
	inside = (struct slice){ name.data + strlen(prefix), name.size - strlen(prefix) };
	if (s->set.dialect == SIM_DIALECT_COM
	    ? inside.size || !at_field_number(f, 1, 1L << 30, &size)
	    : !slice_number(inside, 1, 1L << 30, &size))
		return fail(s, -1);
	if ((f->more && !at_field_number(f, 1, 65535, &timeout_s)) || f->more)
		return fail(s, -1);
	if (size > s->set.fota_max)
		return fail(s, TOO_LARGE);
	s->source = file ? SIM_FROM_FILE : SIM_FROM_COM;
	s->data = (struct sim_data){ .to = &transfer, .declared = (uint64_t)size, .timeout_ms = timeout_s * 1000 };
	begin_digest(s);
	if (file) {
		sim_next_stage(s, SIM_WAIT_SOURCE, s->set.start_ms);
		return SIM_OK;
	}
	s->stage = SIM_RECEIVE;
	sim_put_line(s, "CONNECT");
	sim_data_enter(s);
	return SIM_TAKEN;
}

enum sim_answer sim_upgrade_command(struct sim *s, const char *value)
{
	struct at_fields f = at_fields((struct slice){ value, strlen(value) }, "");
	struct slice name;

	if (!strcmp(value, "?")) {
		if (s->set.test_answer[0])
			sim_put_line(s, s->set.test_answer);
		return SIM_OK;
	}
	if (!at_field_string(&f, &name))
		return fail(s, -1);
	if (s->stage != SIM_IDLE)
		return fail(s, 3);
	if (slice_begins(name, "COM:") || slice_begins(name, "FILE:"))
		return begin_serial(s, name, &f);
	return is_local(s, name) ? begin_local(s, name) : begin_url(s, name);
}

static void source_starts(struct sim *s, long arg)
{
	(void)arg;
	say(s, source_names[s->source], "START");
	s->source_ms = s->now_ms;
	if (s->source == SIM_FROM_FILE) {
		s->stage = SIM_RECEIVE;
		sim_data_enter(s);
		return;
	}
	begin_digest(s);
	s->stage = SIM_DOWNLOAD;
	s->source_code = s->set.source_code;
	if (s->source_code >= 0)
		sim_next_stage(s, SIM_DOWNLOADED, s->set.download_ms);
}

static void source_ends(struct sim *s, long code)
{
	if (!code)
		say_downloaded(s, 100);
	say_number(s, source_names[s->source], "END", code);
	if (code)
		sim_upgrade_cancel(s);
	else
		check_package(s);
}

static void mark_no_return(struct sim *s)
{
	if (s->no_return || !sim_present(s))
		return;
	s->no_return = true;
	s->no_return_ms = s->now_ms;
}

/* Number ROW of the percentages it reports, -1 past the end. */
static long percent_at(const struct sim *s, size_t row)
{
	return number_at(s->set.percents, row);
}

/* From START to the first percent, from each to the next, from the last to END. */
static int64_t percent_ms(const struct sim *s)
{
	size_t rows = 0;

	while (percent_at(s, rows) >= 0)
		rows++;
	return s->set.flash_ms / (int64_t)(rows ? rows : 1);
}

static void start(struct sim *s, long arg)
{
	(void)arg;
	say(s, "", "START");
	mark_no_return(s);
	sim_forget_percents(s);
	s->percent = 0;
	sim_next_stage(s, SIM_FLASH, percent_ms(s));
}

static void update(struct sim *s, long percent)
{
	char text[96];

	snprintf(text, sizeof(text), PREFIX "\"%s\",%s%ld%s", s->set.updating_word, s->set.percent_sign ? " " : "",
		 percent, s->set.percent_sign ? "%" : "");
	sim_urc(s, text);
	mark_no_return(s);
	s->percent++;
	sim_next_stage(s, SIM_FLASH, percent_ms(s));
}

static void end(struct sim *s, long code)
{
	say_number(s, "", "END", code);
	sim_upgrade_cancel(s);
	if (!code)
		sim_next_stage(s, SIM_ENDED, s->set.reboot_ms);
}

static void restart(struct sim *s, long arg)
{
	(void)arg;
	s->stage = SIM_IDLE;
	/* protocol.md 8, EC2x: deleted by the module after restart */
	sim_file_forget(s, (struct slice){ s->local, strlen(s->local) });
	sim_leave(s, false, s->set.absent_ms);
}

static void flash(struct sim *s)
{
	const char *made = s->set.final_version[0] ? s->set.final_version : s->set.to;
	long percent = percent_at(s, s->percent);

	if (percent >= 0 && !(s->set.end_code && percent > s->set.end_percent)) {
		sim_event(s, SIM_AT_UPDATING, percent, update);
		return;
	}
	if (!s->set.end_code && strcmp(made, "unchanged") != 0)
		snprintf(s->set.version, sizeof(s->set.version), "%s", made);
	sim_event(s, SIM_AT_END, s->set.end_code, end);
}

void sim_upgrade_timer(struct sim *s)
{
	int fault;

	switch (s->stage) {
	case SIM_WAIT_SOURCE:
		sim_event(s, SIM_AT_DOWNLOAD, 0, source_starts);
		break;
	case SIM_DOWNLOADED:
		sim_event(s, SIM_AT_DOWNLOAD_END, s->source_code, source_ends);
		break;
	case SIM_CHECK:
		fault = package_fault(s);
		if (fault)
			sim_event(s, SIM_AT_END, fault, end);
		else
			sim_event(s, SIM_AT_START, 0, start);
		break;
	case SIM_FLASH:
		flash(s);
		break;
	case SIM_ENDED:
		sim_event(s, SIM_AT_REBOOT, 0, restart);
		break;
	case SIM_IDLE:
	case SIM_RECEIVE:
	case SIM_DOWNLOAD:
		break;
	}
}

void sim_upgrade_power_cut(struct sim *s, int64_t away_ms)
{
	bool flashing = s->stage == SIM_CHECK || s->stage == SIM_FLASH;
	int64_t due_ms = s->timer[SIM_TIMER_STAGE];

	if (!flashing || s->gone || (s->set.resume == SIM_RESUME_OFF && !s->own_restart))
		sim_upgrade_cancel(s);
	else if (due_ms != SIM_NEVER)
		s->timer[SIM_TIMER_STAGE] = due_ms + away_ms;
}

bool sim_upgrade_resumes(struct sim *s)
{
	bool cut = !s->own_restart;

	s->own_restart = false;
	if (s->stage != SIM_CHECK && s->stage != SIM_FLASH)
		return false;
	if (cut && s->set.resume == SIM_RESUME_ANNOUNCE)
		sim_urc(s, PREFIX "\"Last upgrade was not finished,continue upgrade\"");
	return true;
}
