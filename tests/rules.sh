#!/bin/sh
# The rules that hold the design together, checked on the sources and on what
# was built from them. One TAP line a rule.
#
#   srcdir=. builddir=build tests/rules.sh
set -u
export LC_ALL=C

srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd) || exit 1
builddir=$(cd "${builddir:-$srcdir/build}" && pwd) || exit 1
: "${CC:=gcc}"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$srcdir" || exit 1

# --- the table ----------------------------------------------------------
# unit; which of our headers it may include besides its own; which foreign
# libraries it may know. The first row that matches a file counts. Everyone
# may include err, clock and event.
table() {
	cat <<-'END'
	src/clock            | -                                              | -
	src/err              | -                                              | -
	src/event            | text                                           | -
	src/text             | -                                              | -
	src/at               | -                                              | -
	src/fota             | at                                             | -
	src/profile          | at                                             | -
	src/explain          | at profile                                     | -
	src/port*            | port port_internal text                        | serialport termios
	src/modem            | at fota port profile text                      | -
	src/package          | text                                           | nettle inih
	src/source_url       | source text                                    | -
	src/source*          | source source_internal package text            | curl nettle
	src/json_fields      | text                                           | jansson
	src/event_json       | json_fields text                               | jansson
	src/record_fields    | event_json json_fields                         | -
	src/record_upgrade   | record record_fields at event_json fota json_fields text     | jansson
	src/record_*         | record record_fields record_internal event_json json_fields  | jansson
	src/record           | record_fields record_internal event_json json_fields         | jansson
	src/tail             | -                                              | -
	src/session_file     | -                                              | -
	src/sessions         | record event_json session_file tail text       | -
	src/session          | event_json json_fields record_fields session_file sessions tail text | jansson
	src/diagnose*        | diagnose diagnose_internal at explain fota profile record text | -
	src/report*          | report report_internal at diagnose explain fota profile record sim sim_scenario text | -
	src/sim_scenario     | at text                                        | -
	src/sim_tty          | sim source text                                | termios
	src/sim*             | sim sim_impl sim_scenario at fota package source text | nettle
	src/upgrade*         | upgrade upgrade_internal modem package source session sessions at explain fota port profile text | -
	src/worker           | upgrade port profile session sessions          | pthread
	src/options          | text                                           | inih
	src/credentials      | text                                           | termios
	src/demo             | options sim_tty worker                         | -
	src/cli              | worker event_json text                         | jansson
	src/recorded         | event_json options record report sessions            | jansson
	src/main             | *                                              | termios
	ui/cells             | -                                              | -
	ui/keys              | -                                              | -
	ui/layout            | screen view                                    | -
	ui/theme             | -                                              | -
	ui/field             | cells keys text                                | -
	ui/log               | cells text                                     | -
	ui/replay*           | replay replay_internal keys log record text view      | -
	ui/recent            | -                                              | -
	ui/browser           | recent                                         | -
	ui/words             | -                                              | -
	ui/diagnosis         | diagnose record text                           | -
	ui/view*             | view browser cells diagnosis field keys log explain text words | -
	ui/screen            | cells keys theme                               | curses termios
	ui/pane_browser      | browser pane cells keys screen theme view text | -
	ui/pane*             | pane pane_replay cells keys layout screen theme view explain text words | -
	ui/page*             | page cells theme view explain text words       | -
	ui/dialog            | page pane pane_replay cells keys layout screen theme view text | -
	ui/draw              | pane pane_browser pane_replay dialog cells keys layout screen theme view text | -
	ui/ui*               | ui ui_internal worker record replay report sessions draw pane pane_browser recent dialog keys layout screen view text | -
	END
}

# Which library a foreign header belongs to; any other is the C library's.
libraries() {
	cat <<-'END'
	curses      curses.h ncurses.h ncursesw/ term.h panel.h form.h menu.h
	serialport  libserialport.h
	curl        curl/
	jansson     jansson.h
	nettle      nettle/
	inih        ini.h
	pthread     pthread.h threads.h
	termios     termios.h
	END
}

# Words that have no business in a published tree. Written so that they do not
# match themselves.
forbidden='/wor[k]/|[p]ypi\.org|[p]ythonhosted\.org|[n]pmjs\.|[c]rates\.io|[g]olang\.org|[r]ubygems\.org|[d]eb\.debian\.org|\bissue [0]*[1-9]\b'

# --- TAP ----------------------------------------------------------------

count=0
failed=0

# rule NAME FUNCTION: it holds when FUNCTION prints nothing and returns 0.
rule() {
	count=$((count + 1))
	if "$2" >"$scratch/said" 2>&1 && [ ! -s "$scratch/said" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		sed 's/^/# /' "$scratch/said"
		failed=$((failed + 1))
	fi
}

# --- includes -----------------------------------------------------------

# "file|kind|header" for every include of the sources; kind is own or foreign.
includes() {
	awk '/^[ \t]*#[ \t]*include/ {
		kind = /</ ? "foreign" : "own"
		header = $0
		sub(/^[^<"]*[<"]/, "", header)
		sub(/[>"].*/, "", header)
		if (header != "config.h")
			print FILENAME "|" kind "|" header
	}' src/*.c src/*.h ui/*.c ui/*.h
}

# Print each include that the table does not allow. $1: own or foreign.
violations() {
	{ libraries | sed 's/^/library|/'; table | sed 's/^/row|/'; includes; } |
	awk -F'|' -v wanted="$1" '
	function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
	function holds(list, word) { return index(" " list " ", " " word " ") }
	function matches(pattern, unit) {
		if (pattern ~ /\*$/)
			return index(unit, substr(pattern, 1, length(pattern) - 1)) == 1
		return pattern == unit
	}
	$1 == "library" {
		n = split($2, word, " ")
		for (i = 2; i <= n; i++)
			library[word[i]] = word[1]
		next
	}
	$1 == "row" {
		rows++
		unit[rows] = trim($2); ours[rows] = trim($3); foreign[rows] = trim($4)
		next
	}
	$2 == wanted {
		name = $1
		sub(/\.[ch]$/, "", name)
		for (row = 1; row <= rows && !matches(unit[row], name); row++)
			;
		if (row > rows) {
			print $1 ": no row in the table"
			next
		}
		if ($2 == "own") {
			header = $3
			sub(/\.h$/, "", header)
			base = name
			sub(/.*\//, "", base)
			if (header != base && ours[row] != "*" &&
			    !holds("err clock event " ours[row], header))
				print $1 " may not include " $3
		} else {
			directory = $3
			sub(/\/.*/, "/", directory)
			key = ($3 in library) ? $3 : directory
			if ((key in library) && !holds(foreign[row], library[key]))
				print $1 " may not include <" $3 ">"
		}
	}'
}

own_includes() { violations own; }
foreign_includes() { violations foreign; }

# The includes of units by units sort topologically: no arrow points up.
no_cycles() {
	includes | awk -F'|' '$2 == "own" {
		from = $1; to = $3
		sub(/.*\//, "", from)
		sub(/\.[ch]$/, "", from); sub(/\.h$/, "", to)
		sub(/^diagnose_.*/, "diagnose", from); sub(/^diagnose_.*/, "diagnose", to)
		sub(/^upgrade_.*/, "upgrade", from); sub(/^upgrade_.*/, "upgrade", to)
		sub(/^record_.*/, "record", from); sub(/^record_.*/, "record", to)
		sub(/^port_.*/, "port", from); sub(/^port_.*/, "port", to)
		sub(/^source_.*/, "source", from); sub(/^source_.*/, "source", to)
		sub(/^ui_.*/, "ui", from); sub(/^ui_.*/, "ui", to)
		sub(/^replay_.*/, "replay", from); sub(/^replay_.*/, "replay", to)
		if (from != "sim_tty" && from != "sim_scenario")
			sub(/^sim_.*/, "sim", from)
		sub(/^sim_impl$/, "sim", to)
		if (from != to)
			print from, to
	}' | tsort 2>&1 >/dev/null
}

config_comes_first() {
	for file in src/*.c ui/*.c tests/test_*.c; do
		[ "$(grep -m 1 '^#' "$file")" = '#include "config.h"' ] || echo "$file"
	done
}

headers_stand_alone() {
	for file in src/*.h ui/*.h; do
		printf '#include "config.h"\n#include "%s"\n#include "%s"\n' \
			"$file" "$file" >"$scratch/header.c"
		$CC -std=c11 -Wall -Wextra -Werror -fsyntax-only -I"$builddir" -I. -Isrc -Iui \
			"$scratch/header.c" 2>&1 | head -n 5
	done
}

# --- what the sources may not do ----------------------------------------

# Lines of code (comments and strings aside, roughly) that call one of $1.
calls() {
	names=$1
	shift
	grep -nE "(^|[^_[:alnum:].>\"])($names)[[:space:]]*\(" "$@" /dev/null |
		grep -vE '^[^:]*:[0-9]*:[[:space:]]*(\*|/\*|//)'
	return 0
}

only_main_exits() {
	calls 'exit|_exit|_Exit|quick_exit' $(ls src/*.c ui/*.c | grep -v '^src/main\.c$')
}

nothing_sleeps() {
	calls 'sleep|usleep|nanosleep|clock_nanosleep|napms' src/*.c ui/*.c tests/*.c
}

asserts_stay() {
	grep -n 'NDEBUG' src/*.c src/*.h ui/*.c ui/*.h Makefile.am configure.ac
	return 0
}

all_sources_are_built() {
	for file in src/*.c src/*.h ui/*.c ui/*.h tests/*.c tests/*.h; do
		case $file in
		tests/test_*.c) file=${file%.c} ;;
		esac
		grep -qE "(^|[[:space:]])$file([[:space:]]|\$)" Makefile.am ||
			echo "$file is not in Makefile.am"
	done
}

# What is built names the directory it is built in, which may be called
# anything, and tests that run beside this one come and go there.
no_forbidden_words() {
	find . \( -path "./${builddir#"$srcdir"/}" -o -name .git -o -name build -o -name build-check -o -name build-aux \
		-o -name autom4te.cache -o -name __pycache__ \) -prune -o \
		-type f ! -name configure ! -name 'configure~' ! -name aclocal.m4 ! -name Makefile.in \
		! -name '*.bin' -exec grep -nIE "$forbidden" {} +
	return 0
}

# --- what was built -----------------------------------------------------

no_mutable_globals() {
	ls "$builddir"/src/*.o >/dev/null || return
	for object in "$builddir"/src/*.o; do
		objdump -h "$object" | awk -v object="${object##*/}" '
			$2 ~ /^\.t?(data|bss)(\.|$)/ && $2 !~ /^\.data\.rel\.ro/ && $3 !~ /^0+$/ {
				print object ": " $2 " holds 0x" $3 " bytes"
			}'
	done
}

core_tests_without_curses() {
	seen=0
	for program in "$builddir"/tests/test_*; do
		case ${program##*/} in
		*.*|test_pages|test_replay_screen|test_screen) continue ;;
		esac
		[ -x "$program" ] || continue
		seen=$((seen + 1))
		objdump -p "$program" | grep -E 'NEEDED.*(curses|tinfo)' &&
			echo "by ${program##*/}"
	done
	[ "$seen" -gt 0 ] || echo "no test programs in $builddir/tests"
}

# --- manual -------------------------------------------------------------

manual_is_clean() {
	mandoc -T lint -W warning man/*.[1-8]
}

# Every command and every long option that the help names stands in the manual
# page, and the other way round.
manual_agrees_with_help() {
	"$builddir/dfota" help >"$scratch/help" || echo "dfota help failed"
	sed -n 's/^  dfota \([a-z][a-z]*\).*/\1/p' "$scratch/help" | sort -u >"$scratch/commands"
	for command in $(cat "$scratch/commands"); do
		"$builddir/dfota" help "$command"
	done >>"$scratch/help"
	{
		cat "$scratch/commands"
		grep -oE -e '--[a-z][a-z-]+' "$scratch/help"
	} | sort -u >"$scratch/in-help"
	{
		sed -n '/^\.Sh COMMANDS/,/^\.Sh OPTIONS/s/^\.It Cm \([a-z]*\).*/\1/p' man/dfota.1
		grep -oE 'Fl -[a-z][a-z-]+' man/dfota.1 | sed 's/^Fl -/--/'
	} | sort -u >"$scratch/in-manual"
	grep -q -e '--' "$scratch/in-help" || echo "the help names no option"
	comm -23 "$scratch/in-help" "$scratch/in-manual" | sed 's/$/ is in the help only/'
	comm -13 "$scratch/in-help" "$scratch/in-manual" | sed 's/$/ is in the manual only/'
}

rule "units include only what the table allows" own_includes
rule "foreign libraries stay in their units" foreign_includes
rule "includes make no cycle" no_cycles
rule "config.h comes first" config_comes_first
rule "headers compile alone and twice" headers_stand_alone
rule "only main.c ends the program" only_main_exits
rule "nothing sleeps" nothing_sleeps
rule "asserts stay on" asserts_stay
rule "all sources are built" all_sources_are_built
rule "no forbidden words" no_forbidden_words
rule "the core has no mutable globals" no_mutable_globals
rule "core tests link without curses" core_tests_without_curses
rule "manual pages are clean" manual_is_clean
rule "help and manual agree" manual_agrees_with_help
echo "1..$count"
[ "$failed" -eq 0 ]
