/*
 * keys.h - every key of the panes and what it does, as one table. The key
 * bar, the help page and the dispatch of ui.c derive from it.
 *
 * Every action has a plain letter; function keys are extras.
 */
#ifndef DFOTA_KEYS_H
#define DFOTA_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* A key: a Unicode character, a control code, or one of these. */
enum key_code {
	K_CTRL_A = 1, K_CTRL_C = 3, K_CTRL_E = 5, K_CTRL_G = 7, K_TAB = 9, K_CTRL_K = 11,
	K_CTRL_L = 12, K_ENTER = 13, K_CTRL_U = 21, K_CTRL_W = 23, K_ESC = 27,
	K_UP = 0x110000, K_DOWN, K_LEFT, K_RIGHT, K_HOME, K_END, K_PAGE_UP, K_PAGE_DOWN,
	K_BACKSPACE, K_DELETE, K_SHIFT_TAB, K_CTRL_LEFT, K_CTRL_RIGHT, K_F1, K_F10,
	K_CLICK, K_WHEEL_UP, K_WHEEL_DOWN, K_OTHER,
};

struct key {
	int code;
	bool pasted;	/* came in a burst no hand can type */
	int x, y;	/* of the mouse: where on the screen, from 0 on */
};

/* When an action can be used; view_refusal() knows. */
enum when {
	WHEN_ALWAYS,
	WHEN_CHOICE,	/* there is something to edit or choose under the cursor */
	WHEN_FILE,	/* a package file of this computer is to be named */
	WHEN_READY,	/* an upgrade can be started */
	WHEN_RUNNING,	/* there is something to cancel */
	WHEN_IDLE,	/* the port is free for a command typed by hand */
	WHEN_MODULE,	/* always, but not with a record */
	WHEN_RECORD,	/* a record is shown, not a module */
	WHEN_HITS,	/* there is a text to look for */
	WHEN_STORED,	/* there is a record of what is shown */
	WHEN_UNFINISHED,	/* an upgrade is unfinished */
	WHEN_LISTENING,	/* an unfinished upgrade is watched, and its module not asked yet */
};

#define KEYS(...) { __VA_ARGS__ }

/*
 * A(id, keys, keys in words, word on the key bar, rank there, when, risky, help)
 *
 * Rank: 1 stays on the narrowest bar, 0 is never on it. Risky actions start, end
 * or send something or open a page: in a burst of keys they are ignored. A cancel counts
 * in whatever it comes: it asks before it does harm.
 */
#define ACTIONS(A) \
	A(PLAY, KEYS(' '), "Space", "play", 1, WHEN_RECORD, false, \
	  "play the record from here on, or stop") \
	A(SPEED, KEYS('+', '=', '-'), "+ -", "speed", 2, WHEN_RECORD, false, \
	  "faster, slower: 1 to 1000 times; silences over 5 s are cut above 1x") \
	A(STEP, KEYS('[', ']'), "[ ]", "step", 2, WHEN_RECORD, false, \
	  "to where a step begins: the one before, the next") \
	A(RECORD_ERROR, KEYS('e', 'E'), "e E", "error", 2, WHEN_RECORD, false, \
	  "to the next error, to the one before") \
	A(NEXT_PANE, KEYS(K_TAB), "Tab", "pane", 3, WHEN_ALWAYS, false, \
	  "the next pane") \
	A(CHOOSE, KEYS(K_ENTER), "Enter", "edit", 2, WHEN_CHOICE, true, \
	  "edit a field; choose a port; show the result again") \
	A(BROWSE, KEYS('o'), "o", "browse", 2, WHEN_FILE, true, \
	  "choose the package, or its manifest, among the files here") \
	A(START, KEYS('s'), "s", "start", 1, WHEN_READY, true, \
	  "start: checks first, asks before anything is changed") \
	A(CANCEL, KEYS('c', K_CTRL_C), "c", "cancel", 1, WHEN_RUNNING, false, \
	  "cancel, or detach where it can't be; Ctrl-C too") \
	A(UNFINISHED, KEYS('O'), "O", "unfinished", 2, WHEN_UNFINISHED, true, \
	  "unfinished upgrades, to keep watching one") \
	A(ASK_NOW, KEYS('a'), "a", "ask now", 3, WHEN_LISTENING, true, \
	  "ask a module that is only listened to; asks first, and says what that risks") \
	A(DIAGNOSIS, KEYS('d'), "d", "diagnosis", 4, WHEN_STORED, true, \
	  "why it failed: likely causes, with the lines that support them") \
	A(REPORT, KEYS('R'), "R", "report", 6, WHEN_STORED, true, \
	  "write a report for support, anonymized or not") \
	A(AT, KEYS(':'), ":", "AT", 5, WHEN_IDLE, true, \
	  "type an AT command for the module") \
	A(RESCAN, KEYS('r'), "r", "rescan", 6, WHEN_MODULE, true, \
	  "look for ports again") \
	A(FILTER, KEYS('/'), "/", "filter", 3, WHEN_ALWAYS, true, \
	  "only log lines with a text; an empty text shows all") \
	A(NEXT_HIT, KEYS('n'), "n", "", 0, WHEN_HITS, false, \
	  "to the next line with the text, among all lines") \
	A(PREVIOUS_HIT, KEYS('N'), "N", "", 0, WHEN_HITS, false, \
	  "to the one before") \
	A(NEXT_ERROR, KEYS('e'), "e", "", 0, WHEN_MODULE, false, \
	  "to the next error in the log") \
	A(PREVIOUS_ERROR, KEYS('E'), "E", "", 0, WHEN_MODULE, false, \
	  "to the one before") \
	A(URC, KEYS('u'), "u", "", 0, WHEN_ALWAYS, false, \
	  "only what the module says unasked, or all again") \
	A(HEX, KEYS('x'), "x", "hex", 8, WHEN_ALWAYS, false, \
	  "the exact bytes of the lines, or text again") \
	A(WHOLE, KEYS('v'), "v", "whole", 9, WHEN_ALWAYS, true, \
	  "what this pane shows, as a page: nothing is cut there (~ marks what is)") \
	A(HOLD, KEYS(' '), "Space", "hold", 4, WHEN_MODULE, false, \
	  "hold the log where it is, or follow again; in the list of ports: mark a module, s starts all that are marked") \
	A(WRITE, KEYS('w'), "w", "write", 7, WHEN_ALWAYS, true, \
	  "write the shown log lines to a file") \
	A(HELP, KEYS('?', K_F1), "?", "help", 1, WHEN_ALWAYS, true, \
	  "this page; F1 too") \
	A(REDRAW, KEYS(K_CTRL_L), "Ctrl-L", "", 0, WHEN_ALWAYS, false, \
	  "ask for the terminal's size and draw all again") \
	A(QUIT, KEYS('q', K_F10), "q", "quit", 1, WHEN_ALWAYS, true, \
	  "leave; asks when something runs and says what happens") \
	A(PREVIOUS_PANE, KEYS(K_SHIFT_TAB), "Shift-Tab", "", 0, WHEN_ALWAYS, false, \
	  "the pane before") \
	A(PANE, KEYS('1', '2', '3', '4'), "1 2 3 4", "", 0, WHEN_ALWAYS, false, \
	  "pane by number") \
	A(UP, KEYS(K_UP, 'k'), "Up k", "", 0, WHEN_ALWAYS, false, \
	  "up") \
	A(DOWN, KEYS(K_DOWN, 'j'), "Down j", "", 0, WHEN_ALWAYS, false, \
	  "down") \
	A(LEFT, KEYS(K_LEFT, 'h', K_CTRL_LEFT), "Left h", "", 0, WHEN_ALWAYS, false, \
	  "left; the log moves sideways") \
	A(RIGHT, KEYS(K_RIGHT, 'l', K_CTRL_RIGHT), "Right l", "", 0, WHEN_ALWAYS, false, \
	  "right") \
	A(PAGE_UP, KEYS(K_PAGE_UP, 'b'), "PgUp b", "", 0, WHEN_ALWAYS, false, \
	  "a page up") \
	A(PAGE_DOWN, KEYS(K_PAGE_DOWN, 'f'), "PgDn f", "", 0, WHEN_ALWAYS, false, \
	  "a page down") \
	A(FIRST, KEYS(K_HOME, 'g'), "Home g", "", 0, WHEN_ALWAYS, false, \
	  "to the first line") \
	A(LAST, KEYS(K_END, 'G'), "End G", "", 0, WHEN_ALWAYS, false, \
	  "to the last line: the log follows again")

#define ACTION_ENUM(id, ...) ACTION_##id,
enum action { ACTIONS(ACTION_ENUM) ACTION_COUNT };
#undef ACTION_ENUM

#define ACTION_KEYS 4

struct action_info {
	int keys[ACTION_KEYS];	/* unused ones are 0 */
	const char *shown;
	const char *label;
	int rank;
	enum when when;
	bool risky;
	const char *help;
};

/* The row of ACTION. */
const struct action_info *action_info(enum action action);

/* Is ACTION one where several modules are shown, a row each? */
bool action_of_fleet(enum action action);

/* The action of a key, with RECORD where a record is shown; ACTION_COUNT for none. */
enum action action_of_key(int code, bool record);

#endif
