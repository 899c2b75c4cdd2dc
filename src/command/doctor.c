#include "config.h"

#include "command/doctor.h"

#include <errno.h>
#include <grp.h>
#include <jansson.h>
#include <langinfo.h>
#include <locale.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/count.h"
#include "base/paths.h"
#include "base/text.h"
#include "base/words.h"
#include "modem/manager.h"
#include "modem/port.h"
#include "modem/survey.h"
#include "package/server.h"
#include "record/message_json.h"
#include "record/store.h"

#define LOCKS_MAX 32
#define OPEN_MAX 16
#define GROUPS_MAX 256

/* The longest records of an upgrade have some MB; 16 KiB alone are held ready. */
#define STATE_LEAST (16ull << 20)

enum level { LEVEL_OK, LEVEL_WARNING, LEVEL_ERROR };

struct doctor {
	bool json;
	const char *check;		/* what is looked at */
	int status;			/* of the first error; 0 */
	size_t warnings, errors;
	const struct message *screen;
	const char *libraries;
};

static const char *const levels[] = {"ok", N_("warning"), N_("error")};

static void print_json(const struct doctor *d, enum level level, const struct message *m, const char *text, const char *next)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "check", "check", d->check, "state", levels[level],
			      "text", text, "next", next);

	if (o && message_put(o, m) == 0) {
		json_dumpf(o, stdout, JSON_COMPACT);
		putchar('\n');
	}
	json_decref(o);
}

/* M was found. What it means for an upgrade is LEVEL, whatever it is elsewhere. */
static void found(struct doctor *d, enum level level, const struct message *m)
{
	char text[2 * TEXT_SIZE], next[2 * TEXT_SIZE];
	int blank;

	message_text(m, FOR_CONSOLE, text, sizeof(text));
	message_next(m, FOR_CONSOLE, next, sizeof(next));
	d->warnings += level == LEVEL_WARNING;
	d->errors += level == LEVEL_ERROR;
	if (level == LEVEL_ERROR && !d->status)
		d->status = err_info(message_info(m->id)->code)->exit_status;
	if (d->json) {
		print_json(d, level, m, text, level == LEVEL_OK ? "" : next);
		return;
	}
	blank = (int)sizeof("warning") - text_columns(_(levels[level]));
	text_print(stdout, "%s%*s %-9s %s", _(levels[level]), blank > 0 ? blank : 0, "", d->check, text);
	if (level != LEVEL_OK && next[0])
		text_print(stdout, "%-18s %s", "", next);
}

static void check_ports(struct doctor *d)
{
	struct port_info *list = calloc(PORTS_MAX, sizeof(*list));
	struct message m;
	struct err e;
	int count = list ? port_list(NULL, list, PORTS_MAX, &e) : 0;

	if (count < 0)
		found(d, LEVEL_ERROR, &e.message);
	message_set(&m, MSG_DOCTOR_NO_PORT, "");
	if (count == 0)
		found(d, LEVEL_WARNING, &m);
	for (int i = 0; i < count; i++) {
		message_set(&m, MSG_DOCTOR_PORT, "port=%s description=%s", list[i].path, list[i].description);
		if (list[i].problem.id == MSG_NONE)
			found(d, LEVEL_OK, &m);
		else	/* a port of something else may well be held */
			found(d, list[i].likely_at ? LEVEL_ERROR : LEVEL_WARNING, &list[i].problem);
	}
	free(list);
}

static bool has_group(gid_t group)
{
	gid_t groups[GROUPS_MAX];
	int count = getgroups(GROUPS_MAX, groups);

	if (getegid() == group)
		return true;
	for (int i = 0; i < count; i++)
		if (groups[i] == group)
			return true;
	return false;
}

/* Is USER a member by now, whatever this login has? */
static bool is_member(const struct group *group, const char *user)
{
	for (char **member = group->gr_mem; *member; member++)
		if (strcmp(*member, user) == 0)
			return true;
	return false;
}

/* The group that has the ports, as distributions call it. */
static const struct group *port_group(void)
{
	static const char *const names[] = {"dialout", "uucp"};
	const struct group *group = NULL;

	for (size_t i = 0; i < COUNT(names) && !group; i++)
		group = getgrnam(names[i]);
	return group;
}

static void check_group(struct doctor *d)
{
	const struct passwd *who = getpwuid(geteuid());
	const char *user = who ? who->pw_name : _("this user");
	const struct group *group = port_group();
	struct message m;

	message_set(&m, MSG_DOCTOR_ROOT, "");
	if (geteuid() == 0) {
		found(d, LEVEL_OK, &m);
		return;
	}
	if (!group)
		return;
	if (has_group(group->gr_gid)) {
		message_set(&m, MSG_DOCTOR_GROUP, "user=%s group=%s", user, group->gr_name);
		found(d, LEVEL_OK, &m);
		return;
	}
	message_set(&m, is_member(group, user) ? MSG_DOCTOR_GROUP_LATER : MSG_DOCTOR_GROUP_MISSING, "user=%s group=%s",
		    user, group->gr_name);
	found(d, LEVEL_WARNING, &m);
}

static void check_locks(struct doctor *d)
{
	struct message *left = calloc(LOCKS_MAX, sizeof(*left)), m;
	char directory[FILE_SIZE] = "";
	bool writable = survey_lock_directory(NULL, directory, sizeof(directory));
	size_t count = left ? survey_locks(NULL, left, LOCKS_MAX) : 0;

	for (size_t i = 0; i < count; i++)
		found(d, LEVEL_WARNING, &left[i]);
	message_set(&m, writable ? MSG_DOCTOR_LOCKS : MSG_NO_LOCK_FILE, "path=%s", directory);
	if (!writable || count == 0)
		found(d, LEVEL_OK, &m);
	free(left);
}

static void check_program(struct doctor *d, const char *name, enum message_id runs, enum message_id runs_not)
{
	long pid = (long)survey_process(NULL, name);
	struct message m;

	message_begin(&m, pid ? runs : runs_not);
	if (pid) {
		char number[24];

		snprintf(number, sizeof(number), "%ld", pid);
		message_value(&m, name);
		message_value(&m, number);
	}
	found(d, pid ? LEVEL_WARNING : LEVEL_OK, &m);
}

static void check_manager(struct doctor *d)
{
	/* its D-Bus policy, as installed, lets nobody else do it */
	bool told = geteuid() == 0 && manager_reachable();

	check_program(d, "ModemManager", told ? MSG_DOCTOR_MANAGER_TOLD : MSG_DOCTOR_MANAGER, MSG_DOCTOR_NO_MANAGER);
}

static void check_brltty(struct doctor *d)
{
	check_program(d, "brltty", MSG_DOCTOR_BRLTTY, MSG_DOCTOR_NO_BRLTTY);
}

static void check_terminal(struct doctor *d)
{
	const char *term = getenv("TERM");
	struct winsize size = {0};
	struct message m;
	bool small;

	message_set(&m, MSG_DOCTOR_TERMINAL, "term=%s", term ? term : "");
	if (d->screen->id == MSG_NONE)
		found(d, LEVEL_OK, &m);
	else
		found(d, LEVEL_WARNING, d->screen);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col || !size.ws_row)
		return;
	small = size.ws_col < 80 || size.ws_row < 24;
	message_set(&m, small ? MSG_DOCTOR_SMALL : MSG_DOCTOR_SIZE, "columns=%d rows=%d", size.ws_col, size.ws_row);
	found(d, small ? LEVEL_WARNING : LEVEL_OK, &m);
}

/* The name of the locale that the environment asks for, as setlocale(3) looks. */
static const char *locale_wanted(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return value;
	}
	return "C";
}

static void check_locale(struct doctor *d)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	const char *charset = locale ? nl_langinfo_l(CODESET, locale) : "";
	struct message m;

	if (!locale)
		message_set(&m, MSG_DOCTOR_LOCALE_BAD, "locale=%s", locale_wanted());
	else if (strcmp(charset, "UTF-8") != 0)
		message_set(&m, MSG_DOCTOR_LOCALE_ASCII, "charset=%s", charset);
	else
		message_set(&m, MSG_DOCTOR_LOCALE, "charset=%s", charset);
	found(d, m.id == MSG_DOCTOR_LOCALE ? LEVEL_OK : LEVEL_WARNING, &m);
	if (locale)
		freelocale(locale);
}

/* Cut PATH to what of it is there. */
static void find_parent(char *path)
{
	struct stat st;
	char *slash;

	while (stat(path, &st) < 0 && errno == ENOENT && (slash = strrchr(path, '/')))
		slash[slash == path] = '\0';
}

static void check_state(struct doctor *d)
{
	char path[FILE_SIZE], there[FILE_SIZE];
	unsigned long long room;
	struct statvfs disk;
	struct message m;
	struct err e;

	if (store_directory(path, sizeof(path), &e) < 0) {
		found(d, LEVEL_ERROR, &e.message);
		return;
	}
	snprintf(there, sizeof(there), "%s", path);
	find_parent(there);
	if (access(there, W_OK | X_OK) < 0 || statvfs(there, &disk) < 0) {
		err_fail_sys(&e, MSG_DOCTOR_STATE_CLOSED, errno, "path=%s", path);
		found(d, LEVEL_ERROR, &e.message);
		return;
	}
	room = (unsigned long long)disk.f_bavail * disk.f_frsize;
	if (room < STATE_LEAST) {
		message_set(&m, MSG_DOCTOR_STATE_FULL, "path=%s free=%llu least=%llu", path, room, STATE_LEAST);
		found(d, LEVEL_ERROR, &m);
		return;
	}
	message_set(&m, MSG_DOCTOR_STATE, "path=%s free=%llu", path, room);
	found(d, LEVEL_OK, &m);
}

static void check_config(struct doctor *d)
{
	char path[FILE_SIZE] = "";
	size_t size = paths_config(path, sizeof(path), "config");
	struct options scratch;
	struct message m;
	struct err e;
	bool none = size == 0 || size >= sizeof(path) || (access(path, F_OK) < 0 && errno == ENOENT);

	options_init(&scratch);
	message_set(&m, none ? MSG_DOCTOR_NO_CONFIG : MSG_DOCTOR_CONFIG, "path=%s", path);
	if (!none && options_read_config(path, &scratch, &e) < 0)
		found(d, LEVEL_ERROR, &e.message);
	else
		found(d, LEVEL_OK, &m);
}

static void check_open(struct doctor *d)
{
	struct open_upgrade *open = calloc(OPEN_MAX, sizeof(*open));
	size_t count = open ? store_list_open(open, OPEN_MAX) : 0;
	bool read = true;
	struct message m;
	struct err e;

	if (store_check(&e) < 0) {
		read = false;
		found(d, LEVEL_ERROR, &e.message);
	}
	for (size_t i = 0; i < count && i < OPEN_MAX; i++) {
		message_set(&m, MSG_DOCTOR_OPEN, "model=%s imei=%s record=%s", open[i].module.model, open[i].module.imei,
			    open[i].record);
		if (open[i].live_pid)
			message_set(&m, MSG_DOCTOR_OPEN_LIVE, "model=%s imei=%s record=%s pid=%d", open[i].module.model,
				    open[i].module.imei, open[i].record, open[i].live_pid);
		found(d, LEVEL_WARNING, &m);
	}
	message_set(&m, MSG_DOCTOR_NONE_OPEN, "");
	if (read && count == 0)
		found(d, LEVEL_OK, &m);
	free(open);
}

static void check_versions(struct doctor *d)
{
	struct utsname u = {0};
	struct message m;
	struct err e;

	if (server_load(&e) < 0)
		found(d, LEVEL_WARNING, &e.message);
	uname(&u);
	message_set(&m, MSG_DOCTOR_VERSIONS, "program=%s libraries=%s system=%s", PACKAGE_STRING, d->libraries, u.release);
	found(d, LEVEL_OK, &m);
}

int doctor_run(const struct options *o, const struct message *screen, const char *libraries, struct err *e)
{
	static const struct {
		const char *name;
		void (*look)(struct doctor *d);
	} checks[] = {
		{"ports", check_ports}, {"group", check_group}, {"locks", check_locks},
		{"manager", check_manager}, {"brltty", check_brltty}, {"terminal", check_terminal},
		{"locale", check_locale}, {"state", check_state}, {"config", check_config},
		{"upgrades", check_open}, {"versions", check_versions},
	};
	struct doctor d = {.json = o->json, .screen = screen, .libraries = libraries};

	(void)e;
	for (size_t i = 0; i < COUNT(checks); i++) {
		d.check = checks[i].name;
		checks[i].look(&d);
	}
	if (!d.json)
		printf(_("\n%zu in the way, %zu to look at\n"), d.errors, d.warnings);
	return d.status;
}
