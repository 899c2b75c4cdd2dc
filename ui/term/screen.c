#include "config.h"

#include "ui/term/screen.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "ui/term/cells.h"

#define SLOW_BAUD 19200
#define PASTE_GAP_MS 10
#define LINE_CELLS 512

struct screen {
	SCREEN *curses;
	WINDOW *keys;		/* a pad to read from: reading from stdscr would redraw it */
	FILE *out, *in;
	bool ascii, vt, slow;
	bool cursor_shown, has_cursor;
	int cursor_y, cursor_x;
	bool in_paste;		/* the keys before filled the buffer and more came */
	attr_t attributes[ROLE_COUNT];
	short pairs[ROLE_COUNT];
};

static const struct {
	int curses, ours;
} key_map[] = {
	{ KEY_UP, K_UP }, { KEY_DOWN, K_DOWN }, { KEY_LEFT, K_LEFT }, { KEY_RIGHT, K_RIGHT },
	{ KEY_HOME, K_HOME }, { KEY_FIND, K_HOME }, { KEY_A1, K_HOME },
	{ KEY_END, K_END }, { KEY_SELECT, K_END }, { KEY_C1, K_END },
	{ KEY_PPAGE, K_PAGE_UP }, { KEY_A3, K_PAGE_UP },
	{ KEY_NPAGE, K_PAGE_DOWN }, { KEY_C3, K_PAGE_DOWN },
	{ KEY_BACKSPACE, K_BACKSPACE }, { 127, K_BACKSPACE }, { '\b', K_BACKSPACE },
	{ KEY_DC, K_DELETE }, { KEY_BTAB, K_SHIFT_TAB }, { KEY_ENTER, K_ENTER },
	{ '\n', K_ENTER }, { KEY_F(1), K_F1 }, { KEY_F(10), K_F10 },
};

int screen_possible(struct err *e)
{
	const char *term = getenv("TERM"), *cup;
	int status;

	if (!term || !*term)
		return err_fail(e, MSG_TERM_NOT_SET, "");
	if (setupterm(NULL, STDOUT_FILENO, &status) != OK)
		return err_fail(e, MSG_TERM_NOT_KNOWN, "term=%s", term);
	cup = tigetstr("cup");
	if (!cup || cup == (char *)-1)
		err_fail(e, MSG_TERM_NO_CURSOR, "term=%s", term);
	del_curterm(cur_term);
	return !cup || cup == (char *)-1 ? -1 : 0;
}

static void set_up_looks(struct screen *s, bool mono)
{
	bool colours = !mono && has_colors() && start_color() == OK;
	bool dim = termattrs() & A_DIM;	/* else it would only cost bytes */
	short pair = 1;
	unsigned r;

	if (colours)
		use_default_colors();
	for (r = 0; r < ROLE_COUNT; r++) {
		const struct role_look *look = theme_look((enum role)r);

		s->attributes[r] = (look->bold ? A_BOLD : 0) | (look->dim && dim ? A_DIM : 0) |
				   (look->reverse ? A_REVERSE : 0);
		if (colours && look->colour != NO_COLOUR && init_pair(pair, (short)look->colour, -1) == OK)
			s->pairs[r] = pair++;
	}
}

/* Ctrl-C, Ctrl-Z and Ctrl-V arrive as keys. Not raw(): a real terminal may need its
 * XON/XOFF. What is no terminal (a test) has no such settings. */
static void take_control_keys(FILE *in)
{
	struct termios t;

	if (tcgetattr(fileno(in), &t) < 0)
		return;
	t.c_lflag &= ~(tcflag_t)(ISIG | IEXTEN);
	tcsetattr(fileno(in), TCSADRAIN, &t);
	def_prog_mode();
}

static void set_up_input(struct screen *s)
{
	cbreak();
	noecho();
	nonl();
	take_control_keys(s->in);
	set_escdelay(25);
	keypad(s->keys, TRUE);
	nodelay(s->keys, TRUE);
}

struct screen *screen_open(FILE *out, FILE *in, const struct screen_config *config, struct err *e)
{
	struct screen *s = calloc(1, sizeof(*s));

	if (!s) {
		err_fail(e, MSG_SCREEN_NO_MEMORY, "");
		return NULL;
	}
	setlocale(LC_CTYPE, "");
	s->out = out;
	s->in = in;
	s->ascii = config->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	s->curses = newterm(NULL, out, in);
	if (s->curses)
		s->keys = newpad(1, 1);
	if (!s->keys) {
		err_fail(e, MSG_TERM_NOT_USABLE, "");
		screen_close(s);
		return NULL;
	}
	s->vt = !strncmp(termname(), "vt", 2);
	s->slow = baudrate() > 0 && baudrate() <= SLOW_BAUD;
	set_up_input(s);
	set_up_looks(s, config->mono);
	idlok(stdscr, TRUE);
	curs_set(0);
	leaveok(stdscr, TRUE);
	return s;
}

void screen_suspend(struct screen *s)
{
	tcflow(fileno(s->out), TCOON);	/* after a Ctrl-S endwin() would wait for ever */
	endwin();
}

void screen_resume(struct screen *s)
{
	reset_prog_mode();
	screen_measure(s);
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	if (s->keys)
		delwin(s->keys);
	if (s->curses) {
		screen_suspend(s);
		delscreen(s->curses);
	}
	free(s);
}

struct area screen_area(const struct screen *s)
{
	(void)s;
	return (struct area){ 0, 0, LINES, COLS };
}

bool screen_slow(const struct screen *s)
{
	return s->slow;
}

void screen_measure(struct screen *s)
{
	struct winsize size;

	if (ioctl(fileno(s->out), TIOCGWINSZ, &size) == 0) {
		/* Serial consoles know no size. */
		if (size.ws_row == 0 || size.ws_col == 0)
			size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
		if (is_term_resized(size.ws_row, size.ws_col))
			resizeterm(size.ws_row, size.ws_col);
	}
	clearok(curscr, TRUE);
}

void screen_begin(struct screen *s)
{
	s->has_cursor = false;
	erase();
}

/* The screen row of ROW in A, or -1 when nothing of it can be seen. */
static int visible_row(const struct area *a, int row)
{
	if (row < 0 || row >= a->h || a->y + row >= LINES || a->x >= COLS)
		return -1;
	return a->y + row;
}

static int visible_width(const struct area *a)
{
	return a->x + a->w > COLS ? COLS - a->x : a->w;
}

/* Cells of TEXT in at most WIDTH columns. Returns the columns taken. */
static int to_cells(const struct screen *s, wchar_t *cells, const char *text, int width)
{
	struct letter l;
	int used = 0, n = 0;

	for (; (l = cells_letter(text)).size; text += l.size) {
		if (used + l.width > width || n + 2 >= LINE_CELLS)
			break;
		used += l.width;
		if (s->ascii && l.code > 0x7e) {
			while (l.width-- > 0)
				cells[n++] = L'?';
			continue;
		}
		cells[n++] = l.code;
	}
	cells[n] = L'\0';
	return used;
}

int screen_put(struct screen *s, const struct area *a, int row, int column, enum role role,
	       const char *text)
{
	wchar_t cells[LINE_CELLS];
	int y = visible_row(a, row), width = visible_width(a) - column, used;

	if (y < 0 || column < 0 || width <= 0)
		return column;
	used = to_cells(s, cells, text, width);
	if (used) {
		attr_set(s->attributes[role], s->pairs[role], NULL);
		mvaddwstr(y, a->x + column, cells);
		attr_set(A_NORMAL, 0, NULL);
	}
	return column + used;
}

int screen_putf(struct screen *s, const struct area *a, int row, int column, enum role role,
		const char *format, ...)
{
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return screen_put(s, a, row, column, role, text);
}

int screen_put_right(struct screen *s, const struct area *a, int row, int min,
		     enum role role, const char *text)
{
	int column = a->w - cells_width(text);

	if (!*text || column < min)
		return a->w;
	screen_put(s, a, row, column, role, text);
	return column;
}

void screen_clear_row(struct screen *s, const struct area *a, int row, int column)
{
	int y = visible_row(a, row), width = visible_width(a) - column;

	(void)s;
	if (y >= 0 && width > 0)
		mvhline(y, a->x + column, ' ', width);
}

enum { UPPER_LEFT, UPPER_RIGHT, LOWER_RIGHT, LOWER_LEFT, HORIZONTAL, VERTICAL, LINE_KINDS };

/* Real VT terminals draw lines with a byte each, and know no UTF-8 whatever
 * the locale says; some programs that call themselves xterm can't do that in
 * UTF-8 mode, so they get the letters. */
static void make_lines(const struct screen *s, cchar_t line[LINE_KINDS])
{
	const chtype vt[LINE_KINDS] = {
		ACS_ULCORNER, ACS_URCORNER, ACS_LRCORNER, ACS_LLCORNER, ACS_HLINE, ACS_VLINE,
	};
	const cchar_t *utf8[LINE_KINDS] = {
		WACS_ULCORNER, WACS_URCORNER, WACS_LRCORNER, WACS_LLCORNER, WACS_HLINE, WACS_VLINE,
	};
	unsigned i;

	for (i = 0; i < LINE_KINDS; i++) {
		wchar_t letter[2] = { (wchar_t)(s->ascii ? (chtype)theme_ascii_frame[i] : vt[i] & A_CHARTEXT), 0 };

		if (s->ascii || s->vt)
			setcchar(&line[i], letter, s->ascii ? A_NORMAL : A_ALTCHARSET, 0, NULL);
		else
			line[i] = *utf8[i];
	}
}

static void draw_frame_lines(const struct screen *s, const struct area *a)
{
	int bottom = a->y + a->h - 1, right = a->x + a->w - 1;
	cchar_t line[LINE_KINDS];

	make_lines(s, line);
	mvhline_set(a->y, a->x + 1, &line[HORIZONTAL], a->w - 2);
	mvhline_set(bottom, a->x + 1, &line[HORIZONTAL], a->w - 2);
	mvvline_set(a->y + 1, a->x, &line[VERTICAL], a->h - 2);
	mvvline_set(a->y + 1, right, &line[VERTICAL], a->h - 2);
	mvadd_wch(a->y, a->x, &line[UPPER_LEFT]);
	mvadd_wch(a->y, right, &line[UPPER_RIGHT]);
	mvadd_wch(bottom, right, &line[LOWER_RIGHT]);
	mvadd_wch(bottom, a->x, &line[LOWER_LEFT]);
}

struct area screen_frame(struct screen *s, const struct area *a, bool focus,
			 const char *title, const char *status)
{
	struct area upper = { a->y, a->x + 1, 1, a->w - 2 };
	struct area inside = { a->y + 1, a->x + 1, a->h - 2, a->w - 2 };
	char text[160];
	int column;

	if (a->h < 2 || a->w < 4)
		return (struct area){ a->y, a->x, 0, 0 };
	if (!s->slow)
		draw_frame_lines(s, a);
	column = screen_put(s, &upper, 0, 0, focus ? ROLE_FOCUS : ROLE_TITLE, title);
	snprintf(text, sizeof(text), " %s ", status);
	if (*status)
		screen_put_right(s, &upper, 0, column + 1, ROLE_TEXT, text);
	return inside;
}

void screen_cursor(struct screen *s, const struct area *a, int row, int column)
{
	int y = visible_row(a, row);

	if (y < 0 || column < 0 || column >= visible_width(a))
		return;
	s->has_cursor = true;
	s->cursor_y = y;
	s->cursor_x = a->x + column;
}

void screen_end(struct screen *s)
{
	if (s->has_cursor != s->cursor_shown) {
		curs_set(s->has_cursor);
		leaveok(stdscr, !s->has_cursor);
		s->cursor_shown = s->has_cursor;
	}
	if (s->has_cursor)
		move(s->cursor_y, s->cursor_x);
	wnoutrefresh(stdscr);
	doupdate();
}

/* The next byte or key of curses, -1 when there is none. */
static int next_input(struct screen *s)
{
	int c = wgetch(s->keys);

	return c == ERR ? -1 : c;
}

/* Put the bytes of a UTF-8 letter together; a broken one is no key. */
static int letter_key(struct screen *s, int lead)
{
	char bytes[5] = { (char)lead };
	int i, c, more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
	struct letter l;

	for (i = 1; i <= more; i++) {
		c = next_input(s);
		if (c < 0x80 || c >= 0xc0)
			return K_OTHER;
		bytes[i] = (char)c;
	}
	l = cells_letter(bytes);
	return l.size > 1 && l.code != L'?' ? (int)l.code : K_OTHER;
}

static bool read_key(struct screen *s, int *code)
{
	size_t i;

	*code = next_input(s);
	if (*code < 0)
		return false;
	for (i = 0; i < sizeof(key_map) / sizeof(key_map[0]); i++) {
		if (key_map[i].curses == *code) {
			*code = key_map[i].ours;
			return true;
		}
	}
	if (*code >= 0x100)
		*code = K_OTHER;
	else if (*code >= 0x80)
		*code = letter_key(s, *code);
	return true;
}

static bool input_within(struct screen *s, int ms)
{
	struct pollfd p = { fileno(s->in), POLLIN, 0 };

	return poll(&p, 1, ms) > 0 && (p.revents & POLLIN);
}

/* Readable with nothing to read is the end of it. */
static bool input_ended(struct screen *s)
{
	int waiting = 0;

	return ioctl(fileno(s->in), FIONREAD, &waiting) < 0 || waiting == 0;
}

int screen_keys(struct screen *s, struct key *keys, int max)
{
	bool pasted;
	int i, n = 0;

	if (input_within(s, 0) && input_ended(s))
		return -1;
	do {
		while (n < max && read_key(s, &keys[n].code))
			n++;
	} while (n > 0 && n < max && input_within(s, PASTE_GAP_MS) && !input_ended(s));
	pasted = n > 1 || s->in_paste;
	s->in_paste = n == max;
	for (i = 0; i < n; i++)
		keys[i].pasted = pasted;
	return n;
}
