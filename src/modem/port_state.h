/*
 * port_state.h - what port*.c share; nobody else includes it.
 *
 * A *node* is the stat of a device file, a *device* its path with all links
 * resolved.
 */
#ifndef DFOTA_PORT_INTERNAL_H
#define DFOTA_PORT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <termios.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/interrupt.h"
#include "base/limits.h"
#include "modem/link.h"

struct port;
struct port_info;
struct port_net;
struct port_roots;
struct port_settings;
struct sp_port;

#define PLACE_SIZE 256

/* struct port_roots with every member filled in and copied. */
struct places {
	char sys[PLACE_SIZE];
	char dev[PLACE_SIZE];
	char lock[PLACE_SIZE];
	char proc[PLACE_SIZE];
};

/* Fill W from ROOTS (NULL: the real ones). -1 when a path is too long. */
int places_init(struct places *w, const struct port_roots *roots,
		struct err *e);

/* Format a path into OUT; false when it does not fit. */
bool path_join(char *out, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* True for the slave side of a pseudo-terminal. */
bool node_is_pty(const struct stat *node);

/* True when A and B are one device, through whatever device file. */
bool node_same(const struct stat *a, const struct stat *b);

/* Follow the links of PATH to DEVICE[PATH_MAX] and refuse what is no serial
 * port (ERR_PORT), all without opening it. */
int port_resolve(const struct places *w, const char *path, char *device,
		 struct stat *node, struct err *e);

/* ERR_PORT: nothing is at PATH, and what there is instead. Returns -1. */
int port_missing(const struct places *w, const char *path, struct err *e);

/* M says why NODE at PATH may not be opened. */
void port_permission(struct message *m, const char *path, const struct stat *node);

/* A process that uses a port. */
struct holder {
	long pid;		/* 0: nobody that can be seen */
	bool suspected;		/* ModemManager runs and can't be looked into */
	char program[40];	/* "minicom", safe text; "": not known */
};

/* Call LOOK with the name of each entry of DIRECTORY, in no order, as long as it
 * returns true. Nothing happens where DIRECTORY can't be read. */
void each_entry(const char *directory, bool (*look)(void *ctx, const char *name), void *ctx);

/* The command name of PID as the kernel gives it; "" when it does not. */
void process_name(const struct places *w, long pid, char *out, size_t size);

/* The lowest pid of a process that the kernel calls NAME; 0: none is seen. */
long process_named(const struct places *w, const char *name);

/* Open lock file FILE without following or waiting for anything; its pid (0
 * garbage) and stat go to *PID and ST. -1 with errno. */
int lock_file_open(const char *file, long *pid, struct stat *st);

/* What a lock file is worth. */
enum lock_worth {
	LOCK_DEAD,	/* it names nobody, or a process that has ended */
	LOCK_UNTRUE,	/* its process lives and does not have the port open */
	LOCK_NEW,	/* the same, and it may be about to open it */
	LOCK_TRUE,	/* its process, or anybody else, has the port open, or that can't be seen */
};

/* What one with stat ST that names process PID (0: none) is worth as a lock of NODE;
 * NULL: the device is not there, which a process that waits for it need not know.
 * WAITED: one that was new has had its second, and is LOCK_NEW no more. */
enum lock_worth lock_file_worth(const struct places *w, long pid, const struct stat *st, const struct stat *node,
				bool waited);

/* M says why lock file PATH, which names PID, is not heeded: LOCK_DEAD or LOCK_UNTRUE. */
void lock_file_problem(struct message *m, const struct places *w, enum lock_worth worth, const char *path, long pid);

/* Write "minicom (812)", "process 812" or "". */
void holder_name(const struct holder *h, char *out, size_t size);

/* M says that H, with a pid, holds PATH. */
void holder_problem(const struct holder *h, struct message *m, const char *path);

/* The process with the flock of NODE, by /proc/locks, without opening
 * the device. False when there is none. */
bool holder_by_flock(const struct places *w, const struct stat *node,
		     struct holder *h);

/* The live process named in the UUCP lock file of DEVICE, which is NODE, if that
 * is true: believed as far as it can be seen to have the port open. */
bool holder_by_lock_file(const struct places *w, const char *device,
			 const struct stat *node, struct holder *h);

/*
 * Who has one of NODES[COUNT] open, by one walk through /proc; ourselves
 * excluded. The first one found is written to HOLDERS[] at the same index;
 * entries with a pid already are left alone.
 */
void holder_by_open_files(const struct places *w, const struct stat *nodes,
			  struct holder *holders, size_t count);

/* Our hold on one device: lock file, flock, and the descriptor that has it. */
struct port_lock {
	int fd;			/* -1: none */
	bool file_ours;		/* FILE is to be removed */
	dev_t file_dev;		/* which it was when we made it */
	ino_t file_ino;
	char file[PLACE_SIZE + 80];
	bool waited;		/* a new lock file had its second */
	struct message stale;	/* what was wrong with the one that was there; MSG_NONE */
	long holder;		/* who had the port when it was tried last; 0: nobody, or nobody knows */
};

enum { PORT_LOCK_NEW = 2 };

/*
 * Take the UUCP lock file of DEVICE, which is NODE, without opening the device.
 * PATH is how the user calls it. Returns 1; 0 when the lock directory is of no
 * use; PORT_LOCK_NEW when a live process has just made one and may be about to
 * open the port: wait a second, set waited, ask again; -1 with ERR_BUSY.
 */
int port_lock_file(struct port_lock *l, const struct places *w, const char *device,
		   const struct stat *node, const char *path, struct err *e);

/* Lock the open descriptor FD of NODE, which L keeps from now on, success or
 * not. Changes no setting of the device. -1 with ERR_BUSY. */
int port_lock_descriptor(struct port_lock *l, int fd, const struct places *w,
			 const struct stat *node, const char *path,
			 struct err *e);

/* Close the descriptor, remove the lock file if it still is ours. */
void port_lock_release(struct port_lock *l);

/* ERR_BUSY naming whoever holds NODE, which L remembers. Returns -1. */
int port_busy(struct port_lock *l, const struct places *w, const struct stat *node,
	      const char *path, struct err *e);

/* INFO of nothing. */
void port_info_init(struct port_info *out);

/* What sysfs knows of tty NAME; false when it is no port with hardware. */
bool port_read_sysfs(const struct places *w, const char *name,
		     struct port_info *out);

/* What sysfs knows of the tty that PATH leads to; false when it knows none. */
bool port_find_sysfs(const struct places *w, const char *path, struct port_info *out);

/* Fill in why the ports LIST[COUNT] can't be opened, and with HOLDERS who has them
 * open: for that every process is looked into, once for all of LIST. */
void port_read_state(const struct places *w, struct port_info *list,
		     size_t count, bool holders);

#define PORT_NOTICES 5

/*
 * A back end: each call follows its namesake in port.h, with the port open.
 * NULL: the link has nothing of the kind, which is no failure.
 */
struct backend {
	/* Open p->path and set p->link; what fails half-way is undone by close(). */
	int (*open)(struct port *p, const struct port_settings *s, struct err *e);
	/* Undo what open() did, all of it or the part it came to. */
	void (*close)(struct port *p);
	int (*read)(struct port *p, void *buf, size_t size, int64_t deadline_ms, struct err *e);
	int (*write)(struct port *p, const void *buf, size_t size, int64_t deadline_ms, struct err *e);
	int (*pause)(struct port *p, int64_t deadline_ms, struct err *e);	/* also while closed */
	int (*set_baud)(struct port *p, int baud, struct err *e);
	int (*set_flow)(struct port *p, bool on, struct err *e);
	void (*discard)(struct port *p);
	int (*drain)(struct port *p, int64_t deadline_ms, struct err *e);
};

/* What shares the waits of a port: looked at on its thread, beside it. */
struct port_need {
	int fd;			/* -1: none */
	short events;
	int64_t due_ms;		/* to work at the latest; INT64_MAX: no hurry */
};

struct port_companion {
	struct port_need (*need)(void *ctx);
	void (*work)(void *ctx);	/* must not wait, nor use the port */
	void *ctx;
};

extern const struct backend port_backend_tty, port_backend_tcp, port_backend_telnet, port_backend_custom;

struct port {
	const struct clock *clock;
	struct places places;
	const struct backend *backend;
	enum link link;
	const struct port_backend *ops;	/* of a custom back end */
	void *ctx;

	bool open;
	int fd;				/* read and written; -1: none */
	struct sp_port *serial;		/* owns fd; NULL: fd is lock.fd */
	struct port_lock lock;
	bool exclusive;			/* TIOCEXCL is ours to undo */
	bool have_found;
	struct termios found;		/* what port_close() puts back */
	int baud;
	char path[FILE_SIZE];

	struct port_net *net;		/* of a serial server; NULL: there was none yet */

	struct interrupt *interrupt;	/* NULL: none */
	struct port_companion companion;	/* .work NULL: none */
	int64_t late_ms;		/* that waits took longer than they should */

	bool lock_reported, hupcl_reported;	/* once is enough */
	size_t notice_count;
	struct message notices[PORT_NOTICES];
};

/* Add M for port_notice(). */
void port_add_message(struct port *p, const struct message *m);

/* Add the message ID, whose one argument is VALUE, for port_notice(). */
void port_add_notice(struct port *p, enum message_id id, const char *value);

/* ERR_GONE when errno ERROR_NUMBER (0: end of file) is that of a device that
 * vanished, else ERR_PORT. Returns -1. */
int port_gone(const struct port *p, int error_number, struct err *e);

/* Do what an interrupt wants, if there was one: 0, or -1 with ERR_CANCELLED. */
int port_check_interrupt(struct port *p, struct err *e);

enum { WOKEN = 1 << 16 };	/* beside the bits of poll() */

/* A wait was over OVER_MS after its end; what is no more than load is left out. */
void port_note_late(struct port *p, int64_t over_ms);

/* Sleep until EVENTS or a hang-up on FD (-1: none), an interrupt, or the
 * deadline. Returns the bits, 0 at the deadline, -1 with E. */
int port_sleep(struct port *p, int fd, short events, int64_t deadline_ms,
	       struct err *e);

/* Let C, of which a copy is kept, share the waits from now on; NULL: nobody. */
void port_share_waits(struct port *p, const struct port_companion *c);

/* The same with interrupts asked: they end it with ERR_CANCELLED or not at
 * all. port_wait() is for p->fd. */
int port_wait_on(struct port *p, int fd, short events, int64_t deadline_ms,
		 struct err *e);
int port_wait(struct port *p, short events, int64_t deadline_ms, struct err *e);

/* For back ends with a descriptor in p->fd, a tty's or a socket's. PUT is
 * write(), or what does its work there. */
typedef ssize_t port_put(int fd, const void *bytes, size_t size);
int port_fd_read(struct port *p, void *buf, size_t size, int64_t deadline_ms, struct err *e);
int port_fd_write(struct port *p, port_put *put, const void *buf, size_t size,
		  int64_t deadline_ms, struct err *e);
int port_fd_pause(struct port *p, int64_t deadline_ms, struct err *e);
int port_fd_drain(struct port *p, int64_t deadline_ms, struct err *e);

#endif
