#include "config.h"

#include "sim/flash.h"

#include <stdio.h>
#include <string.h>

#include "protocol/at.h"
#include "sim/blocks.h"
#include "sim/data.h"
#include "sim/demo_package.h"

#define PREFIX "+QIND: \"FOTA\","
#define DATA_TIMEOUT_S 60	/* of a serial form that names none (assumption) */
#define TOO_LARGE 423
#define NAME_MAX_BYTES 50	/* user, password, host: protocol.md 1.1 */

/* END codes for a package it refuses; BG96's and EP06's tables, protocol.md 5.3 */
enum { WRONG_BASE = 504, WRONG_PACKAGE = 505 };

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

/* What is wrong with URL, NULL nothing: protocol.md 1.1. */
static const char *url_fault(struct slice url)
{
	static const char *const schemes[] = { "ftp://", "http://" };
	const char *p = url.data, *end = url.data + url.size, *path;
	size_t scheme = 0;

	if (url.size > SIM_URL_MAX)
		return "too long";
	for (const char *c = p; c < end; c++) {
		if (*c < 0x21 || *c > 0x7e || *c == '\\' || *c == '#')
			return "forbidden byte";
		if (*c == '%' && end - c > 2 &&
		    (!memcmp(c, "%00", 3) || (c[1] == '0' && strchr("aAdD", c[2]))))
			return "forbidden escape";
	}
	for (size_t i = 0; i < 2; i++)
		if (slice_begins(url, schemes[i]))
			scheme = strlen(schemes[i]);
	if (!scheme)
		return "unknown scheme";
	p += scheme;
	path = memchr(p, '/', (size_t)(end - p));
	if (!path)
		return "no path";
	return authority_fault(p, path);
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
	if (slice_begins(name, "COM:") || slice_begins(name, "FILE:"))
		return;
	fault = url_fault(name);
	if (fault)
		sim_blame(s, "a malformed URL: %s", fault);
	else if (f.more)
		sim_blame(s, "parameters after the URL that no UGxx knows");
}

/* CME number of what keeps it from the network, 0 nothing. */
static int network_fault(const struct sim *s)
{
	if (!strcmp(s->set.cpin, "none"))
		return 10;
	if (strcmp(s->set.cpin, "READY") != 0)
		return strcmp(s->set.cpin, "SIM PUK") ? 11 : 12;
	if (s->set.creg != 1 && s->set.creg != 5 && s->set.cgreg != 1 && s->set.cgreg != 5)
		return 30;
	return s->set.context ? 0 : 3;
}

static enum sim_answer begin_url(struct sim *s, struct slice url, bool more)
{
	int cme = network_fault(s);

	if (url_fault(url) || more)
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
}

static void take(struct sim *s, const unsigned char *bytes, size_t size)
{
	sha256_update(&s->digest, size, bytes);
	s->digest_size += size;
}


/* END code of the package that came, 0: it is the right one. */
static int package_fault(const struct sim *s)
{
	struct sha256_ctx digest = s->digest;
	char hex[65];

	sim_hex_digest(&digest, hex);
	if (s->digest_size != s->package_size || strcmp(hex, s->package_sha256) != 0)
		return WRONG_PACKAGE;
	return strcmp(s->set.version, s->base) ? WRONG_BASE : 0;
}

static void end_transfer(struct sim *s, bool whole)
{
	if (!whole)
		sim_upgrade_cancel(s);
	else
		s->spoiled += package_fault(s) == WRONG_PACKAGE;
}

/* All package bytes came over the port. */
static void received(struct sim *s, long arg)
{
	(void)arg;
	sim_next_stage(s, SIM_CHECK, s->set.start_ms);
	if (s->source == SIM_FROM_FILE)
		say_number(s, source_names[s->source], "END", 0);
	else if (!s->hush)
		sim_put_ok(s);
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
	return begin_url(s, name, f.more);
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
	say_number(s, source_names[s->source], "END", code);
	if (code)
		sim_upgrade_cancel(s);
	else
		sim_next_stage(s, SIM_CHECK, s->set.start_ms);
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
	struct slice list = { s->set.percents, strlen(s->set.percents) };
	struct at_fields f = at_fields(list, "");
	long percent = -1;

	for (size_t i = 0; i <= row; i++)
		if (!at_field_number(&f, percent + 1, 100, &percent))
			return -1;
	return percent;
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
	say_number(s, "", s->set.updating_word, percent);
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

	if (!flashing || s->gone || s->set.resume == SIM_RESUME_OFF)
		sim_upgrade_cancel(s);
	else if (due_ms != SIM_NEVER)
		s->timer[SIM_TIMER_STAGE] = due_ms + away_ms;
}

bool sim_upgrade_resumes(struct sim *s)
{
	if (s->stage != SIM_CHECK && s->stage != SIM_FLASH)
		return false;
	if (s->set.resume == SIM_RESUME_ANNOUNCE)
		sim_urc(s, PREFIX "\"Last upgrade was not finished,continue upgrade\"");
	return true;
}
