/*
 * scenario.h - the properties of the simulated module, and what it does wrong:
 * the text of a scenario, parsed into a bounded table.
 *
 * A scenario is lines of text. '#' begins a comment line. A line that begins
 * with a blank belongs to the block above it.
 *
 *	# the package check fails; the first ATI goes unanswered
 *	set end-code 504
 *	on ATI nth 1
 *		wait 2000
 *	at updating 40
 *		line +QIND: "FOTA","UPDA
 *		wait 600000
 *
 * set KEY VALUE         a property of the module: the table in scenario.c.
 *                       VALUE runs to the end of the line; "..." may be used
 *                       and knows the escapes of `raw`.
 *
 * on COMMAND [nth N]    the block IS the answer to COMMAND; `default` in it
 *                       gives the built-in one there. A block without either
 *                       leaves the host without an answer. '*' in COMMAND stands for any bytes;
 *                       each part of AT+A;+B is matched by itself, as AT+A and
 *                       AT+B, letters in capitals outside of quotes.
 * at EVENT [N] [nth N]  the block runs first, then what a module does anyway,
 *                       unless the block says otherwise.
 * nth 2: only the second time. nth 2..: the second time and later. Without: always.
 * The first block in the file that fits is taken.
 *
 * Events: time N        N ms after power-on
 *         boot          the port is there again after a reboot, before RDY
 *         data N        N bytes of a transfer have arrived
 *         ack N         the Nth acknowledgement of an upload is due
 *         data-end      all declared bytes have arrived
 *         download      FTPSTART, HTTPSTART or FILESTART is due
 *         download-end  FTPEND or HTTPEND is due
 *         start         START is due
 *         updating N    the first percent line of N or more is due
 *         end           END is due
 *         reboot        the module is about to restart after END
 *
 * Actions:
 * line TEXT       a line, in the line ends that are set; {KEY} stands for a property
 * raw "TEXT"      bytes; escapes \r \n \t \e \0 \\ \" \xHH
 * fill N "BYTE"   N times one byte
 * garbage N       N random bytes
 * wait MS         go on later
 * hold            go on when sim_release() says so: SIGUSR1 to `dfota sim`; one that comes
 *                 before the hold counts for it
 * set KEY VALUE   as above, from now on
 * vanish MS       unplugged for MS milliseconds, 0 for ever; it works on meanwhile
 * reboot          power lost and back: absent, boot; an upgrade resumes as `resume` says
 * stop            it hangs: nothing comes out any more, nothing happens
 * finish          the transfer ends here as if all had come
 * leave           back to command mode without a word, the transfer forgotten
 * default         what a module does anyway, here
 * drop            ... does not happen; an upgrade ends there, a command is over with it
 * hush            ... happens, but its line is not printed
 *
 * Limits:  SCENARIO_MAX bytes of text, SCENARIO_BLOCKS, SCENARIO_ACTIONS.
 * Errors:  ERR_USAGE, names the line.
 * Threads: a scenario is constant once parsed.
 */
#ifndef DFOTA_SIM_SCENARIO_H
#define DFOTA_SIM_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SCENARIO_MAX (256 * 1024)
#define SCENARIO_BLOCKS 64
#define SCENARIO_ACTIONS 512

/* Words of choices, in the order of their tables. */
enum sim_echo { SIM_ECHO_OFF, SIM_ECHO_ON, SIM_ECHO_STUCK, SIM_ECHO_DOUBLE, SIM_ECHO_PARTIAL, SIM_ECHO_WRAP };
enum sim_dialect { SIM_DIALECT_COM, SIM_DIALECT_COM_SIZE, SIM_DIALECT_FILE, SIM_DIALECT_NONE };
enum sim_resume { SIM_RESUME_OFF, SIM_RESUME_ON, SIM_RESUME_ANNOUNCE };
enum sim_noise { SIM_NOISE_FLIP, SIM_NOISE_DROP, SIM_NOISE_DOUBLE };

/* The properties; what each means is in the table in scenario.c. */
struct sim_settings {
	char model[24];
	char imei[24];
	char version[64];
	char to[64];
	char final_version[64];
	char cpin[24];
	char operator[32];
	char apn[64];
	char port[12];
	char urcport[12];
	char ifc[8];
	char test_answer[128];
	char schemes[32];
	char url_tail[32];
	char local[32];
	char list_prefix[8];
	char downloading[128];
	char updating_word[32];
	char percents[320];
	char bol[8];
	char eol[8];
	long voltage_mv, battery;
	long rssi, creg, cgreg, cereg, context;
	long percent_sign, replug, damaged_code, base_code;
	long cmee, stateurc, echo;
	long baud, baud_after_boot, auto_rate;
	long answer_ms, boot_ms, absent_ms;
	long download_ms, start_ms, flash_ms, reboot_ms;
	long source_code, end_code, end_percent;
	long dialect, resume;
	long fota_max, ufs_free;
	long chunk, noise_in, noise_out, noise_kind, seed;
	long mute, deaf, take_rate, reading;
};

enum sim_do {
	SIM_DO_LINE, SIM_DO_RAW, SIM_DO_FILL, SIM_DO_GARBAGE, SIM_DO_WAIT,
	SIM_DO_HOLD, SIM_DO_SET, SIM_DO_VANISH, SIM_DO_REBOOT, SIM_DO_STOP, SIM_DO_FINISH,
	SIM_DO_LEAVE, SIM_DO_DEFAULT, SIM_DO_DROP, SIM_DO_HUSH,
};

struct sim_action {
	enum sim_do what;
	long long number;	/* N, MS */
	const char *text;	/* TEXT, VALUE; ends with NUL, may hold others */
	size_t size;
	size_t key;		/* SIM_DO_SET: row of the property */
};

enum sim_at {
	SIM_AT_TIME, SIM_AT_BOOT, SIM_AT_DATA, SIM_AT_ACK, SIM_AT_DATA_END,
	SIM_AT_DOWNLOAD, SIM_AT_DOWNLOAD_END, SIM_AT_START, SIM_AT_UPDATING,
	SIM_AT_END, SIM_AT_REBOOT, SIM_AT_COUNT,
};

struct sim_block {
	const char *command;	/* pattern; NULL: an event */
	enum sim_at at;
	long long number;	/* of the event; 0 where it has none */
	unsigned nth;		/* 0: always */
	bool nth_on;		/* "nth 2..": then and later */
	size_t first, count;	/* into actions[] */
};

struct sim_scenario {
	struct sim_block blocks[SCENARIO_BLOCKS];
	size_t block_count;
	struct sim_action actions[SCENARIO_ACTIONS];
	size_t action_count;
	char *text;		/* what the pointers above point into */
};

/* The properties of a module without a scenario; FAST shortens its delays. */
void sim_settings_init(struct sim_settings *p, bool fast);

/* Set property ROW (from sim_setting_find()) to VALUE. -1 with ERR_USAGE. */
int sim_setting_set(struct sim_settings *p, size_t row, const char *value,
		    struct err *e);

/* Row of the property NAME (SIZE bytes), or -1. */
int sim_setting_find(const char *name, size_t size);

/* The property as text, choices as their number. Returns OUT. */
char *sim_setting_get(const struct sim_settings *p, size_t row, char *out,
		      size_t out_size);

/* Parse SIZE bytes TEXT; `set` outside of blocks changes P at once. NAME is
 * named in errors. -1 with E; then nothing is to be freed. */
int sim_scenario_parse(struct sim_scenario *sc, struct sim_settings *p,
		       const char *name, const char *text, size_t size,
		       struct err *e);

/* The same from a file. */
int sim_scenario_load(struct sim_scenario *sc, struct sim_settings *p,
		      const char *path, struct err *e);

void sim_scenario_free(struct sim_scenario *sc);

/* True when PATTERN, in which '*' stands for any bytes, fits TEXT as a whole. */
bool sim_pattern_fits(const char *pattern, const char *text);

#endif
