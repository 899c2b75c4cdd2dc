#include "config.h"

#include "modem/port_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/count.h"
#include "base/text.h"

#define MANAGER "ModemManager"

/* Up to SIZE - 1 bytes of a small file; -1 when it can't be read. */
static ssize_t read_small(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, out, size - 1);
	close(fd);
	out[n > 0 ? n : 0] = '\0';
	return n;
}

void process_name(const struct places *w, long pid, char *out, size_t size)
{
	char path[PLACE_SIZE + 40], comm[64];
	ssize_t n = -1;

	if (path_join(path, sizeof(path), "%s/%ld/comm", w->proc, pid))
		n = read_small(path, comm, sizeof(comm));
	while (n > 0 && comm[n - 1] == '\n')
		n--;
	text_safe(out, size, comm, n > 0 ? (size_t)n : 0);
}

void each_entry(const char *directory, bool (*look)(void *ctx, const char *name), void *ctx)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && !look(ctx, entry->d_name))
			break;
	closedir(dir);
}

struct wanted {
	const struct places *w;
	const char *name;
	long found;
};

static bool look_for_name(void *ctx, const char *entry)
{
	struct wanted *wanted = ctx;
	long pid = strtol(entry, NULL, 10);
	char program[40];

	if (pid > 0 && (!wanted->found || pid < wanted->found)) {
		process_name(wanted->w, pid, program, sizeof(program));
		if (strcmp(program, wanted->name) == 0)
			wanted->found = pid;
	}
	return true;
}

long process_named(const struct places *w, const char *name)
{
	struct wanted wanted = {.w = w, .name = name};

	each_entry(w->proc, look_for_name, &wanted);
	return wanted.found;
}

static void name_holder(const struct places *w, struct holder *h, long pid)
{
	h->pid = pid;
	process_name(w, pid, h->program, sizeof(h->program));
}

void holder_name(const struct holder *h, char *out, size_t size)
{
	out[0] = '\0';
	if (h->program[0])
		snprintf(out, size, "%s (%ld)", h->program, h->pid);
	else if (h->pid)
		snprintf(out, size, "process %ld", h->pid);
}

bool holder_by_flock(const struct places *w, const struct stat *node,
		     struct holder *h)
{
	char path[PLACE_SIZE + 8], line[160], type[8];
	unsigned long ino;
	unsigned fs_major, fs_minor;
	long pid, found = 0;
	FILE *f = NULL;

	*h = (struct holder){ 0 };
	if (path_join(path, sizeof(path), "%s/locks", w->proc))
		f = fopen(path, "re");
	if (!f)
		return false;
	/* "1: FLOCK  ADVISORY  WRITE 812 00:05:1234 0 EOF"; a waiter has "->"
	 * before the type and so is not FLOCK. */
	while (!found && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %7s %*s %*s %ld %x:%x:%lu", type, &pid,
			   &fs_major, &fs_minor, &ino) == 5 &&
		    strcmp(type, "FLOCK") == 0 && pid > 0 &&
		    makedev(fs_major, fs_minor) == node->st_dev &&
		    (ino_t)ino == node->st_ino)
			found = pid;
	fclose(f);
	if (found)
		name_holder(w, h, found);
	return found != 0;
}

/* Look at one descriptor of PID. Its text is read first: to stat every file
 * could wait for a dead network file system. */
static void match_descriptor(const struct places *w, int dir, const char *name,
			     long pid, const struct stat *nodes,
			     struct holder *holders, size_t count)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(dir, name, text, sizeof(text) - 1);
	struct stat st;

	if (n <= 0)
		return;
	text[n] = '\0';
	if ((strncmp(text, "/dev/", 5) != 0 &&
	     strncmp(text, w->dev, strlen(w->dev)) != 0) ||
	    fstatat(dir, name, &st, 0) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (!holders[i].pid && node_same(&st, &nodes[i]))
			name_holder(w, &holders[i], pid);
}

/* False when it can't be looked into. */
static bool match_process(const struct places *w, long pid,
			  const struct stat *nodes, struct holder *holders,
			  size_t count)
{
	char path[PLACE_SIZE + 40], command[40];
	struct dirent *entry;
	DIR *dir = NULL;

	if (path_join(path, sizeof(path), "%s/%ld/fd", w->proc, pid))
		dir = opendir(path);
	if (!dir) {
		process_name(w, pid, command, sizeof(command));
		if (strcmp(command, MANAGER) == 0)
			for (size_t i = 0; i < count; i++)
				holders[i].suspected = true;
		return false;
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			match_descriptor(w, dirfd(dir), entry->d_name, pid,
					 nodes, holders, count);
	closedir(dir);
	return true;
}

struct nodes {
	const struct places *w;
	const struct stat *nodes;
	struct holder *holders;
	size_t count;
};

static bool look_for_nodes(void *ctx, const char *entry)
{
	const struct nodes *n = ctx;
	long pid = strtol(entry, NULL, 10);

	if (pid > 0 && pid != (long)getpid())
		match_process(n->w, pid, n->nodes, n->holders, n->count);
	return true;
}

void holder_by_open_files(const struct places *w, const struct stat *nodes,
			  struct holder *holders, size_t count)
{
	struct nodes n = {w, nodes, holders, count};

	each_entry(w->proc, look_for_nodes, &n);
}

/* What to do depends on the program. */
void holder_problem(const struct holder *h, struct message *m, const char *path)
{
	static const struct {
		const char *program;
		enum message_id id;
	} rows[] = {
		{ MANAGER, MSG_PORT_HELD_BY_MANAGER },
		{ "dfota", MSG_PORT_HELD_BY_DFOTA },
	};

	message_set(m, MSG_PORT_HELD, "port=%s program=%s pid=%ld", path, h->program, h->pid);
	if (!h->program[0])
		message_set(m, MSG_PORT_HELD_BY_PROCESS, "port=%s pid=%ld", path, h->pid);
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(h->program, rows[i].program) == 0)
			m->id = rows[i].id;	/* of the same arguments */
}

/* Error E: H holds PATH. */
static int busy_by(const struct holder *h, const char *path, struct err *e)
{
	struct message m;

	if (h->pid == (long)getpid())
		return err_fail(e, MSG_PORT_HELD_HERE, "port=%s", path);
	if (!h->pid && h->suspected)
		return err_fail(e, MSG_PORT_HELD_MAYBE_MANAGER, "port=%s program=%s", path, MANAGER);
	if (!h->pid)
		return err_fail(e, MSG_PORT_HELD_UNSEEN, "port=%s", path);
	holder_problem(h, &m, path);
	return err_take(e, ERR_BUSY, &m);
}

int port_busy(struct port_lock *l, const struct places *w, const struct stat *node,
	      const char *path, struct err *e)
{
	struct holder h = {0};

	/* who waits for a port asks twice a second: whoever had it is looked at before all
	 * others: to look into 180 processes takes 4 ms */
	if (l->holder)
		match_process(w, l->holder, node, &h, 1);
	if (!h.pid && !holder_by_flock(w, node, &h))
		holder_by_open_files(w, node, &h, 1);
	l->holder = h.pid;
	return busy_by(&h, path, e);
}

/*
 * UUCP lock files: LCK..NAME holds the pid as 10 characters, blanks first, and
 * a line end; minicom puts its name after it. NAME is the path below /dev with
 * '/' as '_' ("LCK..pts_7"), as picocom and minicom do.
 */
static bool lock_file_name(char *out, size_t size, const struct places *w,
			   const char *device)
{
	const char *slash = strrchr(device, '/');
	const char *name = strncmp(device, "/dev/", 5) == 0 ? device + 5 :
			   slash ? slash + 1 : device;

	if (!path_join(out, size, "%s/LCK..%s", w->lock, name))
		return false;
	for (char *c = out + strlen(w->lock) + 1; *c; c++)
		if (*c == '/')
			*c = '_';
	return true;
}

/* The pid in N bytes of a lock file; 0 for garbage. */
static long parse_pid(const char *text, ssize_t n)
{
	ssize_t i = 0;
	long pid = 0;

	while (i < n && text[i] == ' ')
		i++;
	for (; i < n && text[i] >= '0' && text[i] <= '9'; i++) {
		pid = pid * 10 + (text[i] - '0');
		if (pid > INT_MAX)
			return 0;
	}
	if (i < n && text[i] != '\n' && text[i] != ' ')
		return 0;
	return pid;
}

/* One that was killed and that nobody has asked for yet has a number as well, and no more. */
static bool process_lives(const struct places *w, long pid)
{
	char path[PLACE_SIZE + 40], text[512] = "";
	const char *state;

	if (kill((pid_t)pid, 0) < 0 && errno != EPERM)
		return false;
	if (path_join(path, sizeof(path), "%s/%ld/stat", w->proc, pid))
		read_small(path, text, sizeof(text));
	state = strrchr(text, ')');	/* "812 (NAME) S ..." */
	return !state || !strchr("ZX", state[1] && state[2] ? state[2] : '?');
}

int lock_file_open(const char *file, long *pid, struct stat *st)
{
	int fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char text[32];

	if (fd < 0)
		return -1;
	*pid = 0;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		*pid = parse_pid(text, read(fd, text, sizeof(text)));
	return fd;
}

/* A program locks, then opens: so long it may take for that. */
#define OPENING_S 1

/* Was the file with ST made just now? */
static bool is_new(const struct stat *st)
{
	time_t age = time(NULL) - st->st_mtime;

	return age >= 0 && age <= OPENING_S;
}

enum lock_worth lock_file_worth(const struct places *w, long pid, const struct stat *st, const struct stat *node,
				bool waited)
{
	struct holder h = {0};

	if (!pid || !process_lives(w, pid))
		return LOCK_DEAD;
	/* does it have the port open (faults.md A35)? True as well where that can't be seen */
	if (pid == (long)getpid() || !node || !match_process(w, pid, node, &h, 1) || h.pid)
		return LOCK_TRUE;
	/* or may it be about to open it, or to remove the file of one that is gone? */
	if (is_new(st) && !waited)
		return LOCK_NEW;
	holder_by_open_files(w, node, &h, 1);	/* or anybody else: a child, say */
	return h.pid ? LOCK_TRUE : LOCK_UNTRUE;
}

void lock_file_problem(struct message *m, const struct places *w, enum lock_worth worth, const char *path, long pid)
{
	struct holder h = {0};

	if (worth == LOCK_DEAD) {
		message_set(m, MSG_LOCK_FILE_LEFT, "path=%s pid=%ld", path, pid);
		return;
	}
	name_holder(w, &h, pid);
	message_set(m, MSG_LOCK_FILE_UNTRUE, "path=%s program=%s pid=%ld", path, h.program, pid);
}

bool holder_by_lock_file(const struct places *w, const char *device,
			 const struct stat *node, struct holder *h)
{
	char file[PLACE_SIZE + 80];
	struct stat st;
	long pid;
	int fd = -1;

	*h = (struct holder){ 0 };
	if (lock_file_name(file, sizeof(file), w, device))
		fd = lock_file_open(file, &pid, &st);
	if (fd < 0)
		return false;
	close(fd);
	if (pid == (long)getpid() || lock_file_worth(w, pid, &st, node, false) != LOCK_TRUE)
		return false;
	name_holder(w, h, pid);
	return true;
}

static void file_is_ours(struct port_lock *l, const struct stat *st)
{
	l->file_ours = true;
	l->file_dev = st->st_dev;
	l->file_ino = st->st_ino;
}

/* Write our pid to a new file beside the lock file; ST becomes its stat. */
static bool make_temporary(const struct places *w, char *path, size_t size,
			   struct stat *st)
{
	int fd;
	bool written;

	if (!path_join(path, size, "%s/LCK.dfota.XXXXXX", w->lock))
		return false;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return false;
	/* Others must be able to read whose it is. */
	written = dprintf(fd, "%10ld\n", (long)getpid()) == 11 &&
		  fchmod(fd, 0644) == 0 && fstat(fd, st) == 0;
	close(fd);
	if (!written)
		unlink(path);
	return written;
}

/*
 * Put TEMPORARY in the place of the lock file FD (stat OLD) of a dead process.
 * The flock on the old file makes sure that of several who try only one
 * succeeds. Returns 1, or 0 when somebody else was faster, or -1 with E.
 */
static int replace_stale(struct port_lock *l, int fd, const struct stat *old,
			 const char *temporary, const struct stat *ours,
			 struct err *e)
{
	struct stat now;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || lstat(l->file, &now) < 0 ||
	    now.st_ino != old->st_ino || now.st_dev != old->st_dev)
		return 0;
	if (rename(temporary, l->file) < 0)
		return err_fail_sys(e, MSG_LOCK_FILE_STALE, errno, "path=%s", l->file);
	file_is_ours(l, ours);
	return 1;
}

/*
 * There is a lock file: decide. TEMPORARY is NULL when none could be made.
 * Returns 1 when the port is ours to open, 0 to try again, PORT_LOCK_NEW, -1 with E.
 */
static int decide_by_lock_file(struct port_lock *l, const struct places *w,
			   const struct stat *node, const char *path, const char *temporary,
			   const struct stat *ours, struct err *e)
{
	struct holder h = { 0 };
	enum lock_worth worth;
	struct stat st;
	long pid;
	int fd = lock_file_open(l->file, &pid, &st);
	int result;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || pid <= 0) {
		if (fd >= 0)
			close(fd);
		return err_fail(e, MSG_LOCK_FILE_NAMELESS, "path=%s port=%s", l->file, path);
	}
	worth = lock_file_worth(w, pid, &st, node, l->waited);
	if (worth == LOCK_UNTRUE)
		lock_file_problem(&l->stale, w, worth, l->file, pid);
	if (pid == (long)getpid()) {
		/* Left by an earlier process of our number, or made by another
		 * port of ours: the flock decides, so it is only adopted. */
		l->file_dev = st.st_dev;
		l->file_ino = st.st_ino;
		result = 1;
	} else if (worth == LOCK_NEW) {
		result = PORT_LOCK_NEW;
	} else if (worth == LOCK_TRUE) {
		name_holder(w, &h, pid);
		result = busy_by(&h, path, e);
	} else if (!temporary) {
		result = 1;
	} else {
		result = replace_stale(l, fd, &st, temporary, ours, e);
	}
	close(fd);
	return result;
}

int port_lock_file(struct port_lock *l, const struct places *w, const char *device,
		   const struct stat *node, const char *path, struct err *e)
{
	char temporary[PLACE_SIZE + 40];
	struct stat ours;
	bool writable;
	int result = 0;

	l->file_ours = false;
	l->file_ino = 0;
	l->stale.id = MSG_NONE;
	if (!lock_file_name(l->file, sizeof(l->file), w, device))
		return 0;
	writable = make_temporary(w, temporary, sizeof(temporary), &ours);
	for (int tries = 0; tries < 8 && result == 0; tries++) {
		if (writable && link(temporary, l->file) == 0) {
			file_is_ours(l, &ours);
			result = 1;
		} else if (writable && errno != EEXIST) {
			unlink(temporary);
			writable = false;
		} else {
			result = decide_by_lock_file(l, w, node, path,
						 writable ? temporary : NULL,
						 &ours, e);
		}
	}
	if (!writable)
		return result < 0 || result == PORT_LOCK_NEW ? result : 0;
	unlink(temporary);	/* gone already after a rename */
	if (result == 0)
		return err_fail(e, MSG_LOCK_FILE_CONTESTED, "path=%s", l->file);
	return result;
}

int port_lock_descriptor(struct port_lock *l, int fd, const struct places *w,
			 const struct stat *node, const char *path,
			 struct err *e)
{
	int exclusive = 0;

	l->fd = fd;
	/* Root opens what TIOCEXCL keeps others from, so ask. */
	if (ioctl(fd, TIOCGEXCL, &exclusive) == 0 && exclusive)
		return port_busy(l, w, node, path, e);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ?
			port_busy(l, w, node, path, e) :
			err_fail_sys(e, MSG_PORT_LOCK_FAILED, errno, "port=%s", path);
	l->file_ours = l->file_ino != 0;
	return 0;
}

void port_lock_release(struct port_lock *l)
{
	struct stat st;

	if (l->file_ours && lstat(l->file, &st) == 0 &&
	    st.st_dev == l->file_dev && st.st_ino == l->file_ino)
		unlink(l->file);
	l->file_ours = false;
	l->file_ino = 0;
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
