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

# --- the rooms ----------------------------------------------------------
# A folder, or a file directly in one; the folders it may include from besides
# its own and base. The order is that of the floors: a row names only rows above
# it, so no include runs up.
rooms() {
	cat <<-'END'
	src/base        | -
	src/protocol    | -
	src/record      | protocol
	src/package     | -
	src/modem       | protocol
	src/diagnosis   | protocol record
	src/sim         | protocol package record
	src/upgrade     | protocol record package modem
	src/report      | protocol record diagnosis
	src/worker_group | package
	src/worker      | protocol record modem diagnosis upgrade worker_group
	ui/term         | -
	ui/model        | record diagnosis ui/term
	ui/draw         | protocol ui/term ui/model
	ui/ui           | record report worker ui/term ui/model ui/draw
	src/command     | protocol record package modem diagnosis sim upgrade report worker worker_group
	src/main        | package modem record command worker worker_group ui
	END
}

# Which foreign library a room, or a file by pattern, may know.
foreigners() {
	cat <<-'END'
	src/base/text               | unistring
	src/base/redact             | nettle
	src/record/*                | jansson
	src/package/server*         | curl nettle
	src/package/libcurl         | curl
	src/package/*               | nettle inih
	src/modem/manager           | sdbus
	src/modem/sdbus             | sdbus
	src/modem/port*             | serialport termios
	src/sim/tty                 | termios
	src/sim/*                   | nettle
	src/worker                  | pthread
	src/worker_group            | pthread
	src/command/options         | inih
	src/command/credentials     | termios
	src/command/*               | jansson
	src/main                    | termios
	ui/term/*                   | curses termios
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
	unistring   uniname.h unictype.h uniwidth.h unistr.h unigbrk.h unicase.h uninorm.h unitypes.h
	pthread     pthread.h threads.h
	sdbus       systemd/
	termios     termios.h
	END
}

# Headers of these names are for their own folder.
private='(_state|/state|/core|/facts|/line_class)\.h$'

# Words that have no business in a published tree. Written so that they do not
# match themselves.
forbidden='/wor[k]/|[p]ypi\.org|[p]ythonhosted\.org|[n]pmjs\.|[c]rates\.io|[g]olang\.org|[r]ubygems\.org|[d]eb\.debian\.org|\bissue [0]*[1-9]\b'

# --- TAP ----------------------------------------------------------------

count=0
failed=0

# rule NAME FUNCTION WANTED: it holds when FUNCTION writes nothing, returns 0,
# and looked at all that the command WANTED lists: FUNCTION puts the name of each
# thing it looks at in $scratch/seen.
rule() {
	count=$((count + 1))
	: >"$scratch/seen"
	"$2" >"$scratch/said" 2>&1 || echo "$2 failed" >>"$scratch/said"
	$3 | sort -u >"$scratch/wanted"
	sort -u "$scratch/seen" -o "$scratch/seen"
	comm -13 "$scratch/seen" "$scratch/wanted" | sed 's/$/: not looked at/' >>"$scratch/said"
	name="$1 ($(wc -l <"$scratch/seen") of $(wc -l <"$scratch/wanted"))"
	[ -s "$scratch/wanted" ] || echo "nothing to look at" >>"$scratch/said"
	if [ ! -s "$scratch/said" ]; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$scratch/said"
		failed=$((failed + 1))
	fi
}

# look FILE...: pass the names on, and keep that they were looked at.
look() { printf '%s\n' "$@" | tee -a "$scratch/seen"; }

# --- what there is ------------------------------------------------------
# Two ways to the same lists: a rule looks at what it finds, and is held
# against what was built or what lies there.

sources() { find src ui -name '*.[ch]'; }
c_sources() { find src ui -name '*.c'; }
headers() { find src ui -name '*.h'; }
test_sources() { find tests -name '*.[ch]'; }
all_sources() { sources; test_sources; }
message_tables() { find src/base/messages -name '*.def'; }
with_messages() { sources; message_tables; }
config_users() { c_sources; find tests -name 'test_*.c'; }
folders() { sources | sed 's,/[^/]*$,,' | sort -u | grep -vx 'src'; }
# An object for each source of the programs; named after the library by automake.
objects() {
	c_sources | while read -r file; do
		find "$builddir/${file%/*}" -maxdepth 1 \( -name "$(basename "$file" .c).o" \
			-o -name "*-$(basename "$file" .c).o" \) -print | head -n 1 | grep . ||
			echo "$file: no object"
	done
}

# --- includes -----------------------------------------------------------

# "file|kind|header" for every include of the sources; kind is own or foreign.
includes() {
	sources | tee -a "$scratch/seen" | xargs awk '/^[ \t]*#[ \t]*include/ {
		kind = /</ ? "foreign" : "own"
		header = $0
		sub(/^[^<"]*[<"]/, "", header)
		sub(/[>"].*/, "", header)
		if (header != "config.h" && header !~ /\.def$/)
			print FILENAME "|" kind "|" header
	}'
}

# A file's room: its folder, or the file where that lies directly in one.
awk_rooms='
	function room(file) {
		sub(/\.[ch]$/, "", file)
		if (file ~ /^src\/[^\/]*$/) return file
		if (file ~ /^ui\/[^\/]*$/) return "ui/ui"
		sub(/\/[^\/]*$/, "", file)
		return file
	}
	function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
'

rooms_are_kept() {
	{ rooms | sed 's/^/row|/'; includes; } | awk -F'|' -v private="$private" "$awk_rooms"'
	# an include as its room is called in the table
	function target(header) {
		if (header ~ /^ui\//) return room(header)
		return room("src/" header)
	}
	function short(r) { sub(/^src\//, "", r); return r == "ui/ui" ? "ui" : r }
	$1 == "row" { r = trim($2); may[r] = " base " short(r) " " trim($3) " "; next }
	$2 == "own" {
		from = room($1); to = target($3)
		if (!(from in may)) { print $1 ": " from " is no room of the table"; next }
		if ($3 !~ /\//  && $3 !~ /^worker(_group)?\.h$/) { print $1 ": \"" $3 "\" is not written folder/name.h"; next }
		if (!index(may[from], " " short(to) " "))
			print $1 " may not include " $3
		if (from != to && $3 ~ private)
			print $1 ": " $3 " is for its own folder"
	}'
}

# A row names only rows above it.
rooms_stand_on_floors() {
	look "$(rooms)" >/dev/null
	rooms | awk -F'|' "$awk_rooms"'
	{
		r = trim($1); n = split(trim($2), may, " ")
		for (i = 1; i <= n; i++) {
			name = may[i] == "ui" ? "ui/ui" : may[i] ~ /^ui\// ? may[i] : "src/" may[i]
			if (may[i] != "-" && !(name in seen)) print r " may not stand on " may[i] ": it is no floor below"
		}
		seen[r] = 1
	}'
}

libraries_are_kept() {
	{ libraries | sed 's/^/library|/'; foreigners | sed 's/^/row|/'; includes; } |
	awk -F'|' "$awk_rooms"'
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
	$1 == "row" { rows++; unit[rows] = trim($2); foreign[rows] = trim($3); next }
	$2 == "foreign" {
		name = $1
		sub(/\.[ch]$/, "", name)
		directory = $3
		sub(/\/.*/, "/", directory)
		key = ($3 in library) ? $3 : directory
		if (!(key in library))
			next
		for (row = 1; row <= rows && !matches(unit[row], name); row++)
			;
		if (row > rows || !holds(foreign[row], library[key]))
			print $1 " may not include <" $3 ">"
	}'
}

# By includes: neither folders nor the headers and files of one go in a circle.
includes_make_no_circle() {
	includes | awk -F'|' "$awk_rooms"'
	$2 == "own" {
		from = $1; to = ($3 ~ /^ui\// ? "" : "src/") $3
		sub(/\.[ch]$/, "", from); sub(/\.h$/, "", to)
		if (from != to) print from, to
	}' | tsort 2>&1 >/dev/null
}

# By symbols: what was built is the truth, whatever the includes say.
symbols_make_no_circle() {
	objects >>"$scratch/seen"
	python3 "$srcdir/tests/circles.py" "$builddir" | grep -v ' 0 circles of units, 0 circles of folders$'
	return 0
}

# --- sizes --------------------------------------------------------------

FILE_LINES=800
FUNCTION_LINES=60

files_are_small() {
	for file in $(all_sources); do
		lines=$(wc -l <"$(look "$file")")
		[ "$lines" -le $FILE_LINES ] || echo "$file has $lines lines"
	done
}

# The lines between the braces of a function.
functions_are_small() {
	look $(all_sources) | xargs awk -v most=$FUNCTION_LINES '
	FNR == 1 { name = ""; begin = 0 }
	/^[a-zA-Z].*\(/ && !/;$/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
	/^{/ { begin = FNR }
	/^}/ && begin {
		if (/^}$/ && FNR - begin - 1 > most)
			print FILENAME ": " name "() has " FNR - begin - 1 " lines"
		begin = 0
	}'
}

# Each folder says of each of its files what it holds.
folders_have_readmes() {
	for folder in $(folders); do
		look "$folder" >/dev/null
		[ -s "$folder/README.md" ] || { echo "$folder has no README.md"; continue; }
		for file in "$folder"/*.c "$folder"/*.h; do
			name=$(basename "$file")
			grep -qF -e "\`$name\`" -e "\`${name%.?}\`" "$folder/README.md" || echo "$folder/README.md does not name $name"
		done
	done
}

config_comes_first() {
	for file in $(look $(config_users)); do
		[ "$(grep -m 1 '^#' "$file")" = '#include "config.h"' ] || echo "$file"
	done
}

headers_stand_alone() {
	for file in $(look $(headers)); do
		printf '#include "config.h"\n#include "%s"\n#include "%s"\n' \
			"$file" "$file" >"$scratch/header.c"
		$CC -std=c11 -Wall -Wextra -Werror -fsyntax-only -I"$builddir" -I. -Isrc \
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
	calls 'exit|_exit|_Exit|quick_exit' $(look $(c_sources) | grep -v '^src/main\.c$')
}

nothing_sleeps() {
	calls 'sleep|usleep|nanosleep|clock_nanosleep|napms' $(look $(all_sources))
}

asserts_stay() {
	grep -n 'NDEBUG' $(look $(sources) Makefile.am configure.ac)
	return 0
}

# Programs do not read their own sentences: what a message is, its id says.
no_sentence_is_parsed() {
	calls 'strstr|strncmp|memmem|strcasestr' $(look $(sources)) |
		grep -E '(strstr|strncmp|memmem|strcasestr)[[:space:]]*\([^"]*"[^"]*[a-z] [a-z][^"]*"'
	return 0
}

# The table of messages, and each call that makes one of it.
messages_fit() {
	look $(sources) $(message_tables) >/dev/null
	python3 "$srcdir/tests/messages.py" "$srcdir" | grep -v '^[0-9]* messages, [0-9]* calls$'
	return 0
}

# What there is to translate is that of the tables, and translations fit it.
translations_fit() {
	look it >/dev/null
	[ -x "$builddir/po/templates" ] || make -s -C "$builddir" po/templates
	python3 "$srcdir/tests/translations.py" "$srcdir" "$builddir" | grep -v '^[0-9]* texts, [0-9]* translations$'
	return 0
}

all_sources_are_built() {
	for file in $(look $(all_sources)); do
		case $file in
		tests/test_*.c) grep -qE "(^|[[:space:]])(${file%.c}|$file)([[:space:]]|\$)" Makefile.am ;;
		tests/e2e/*.c) grep -qE "${file%.c}" Makefile.am ;;
		tests/bench/*.c) grep -qE "${file%.c}" Makefile.am ;;
		*) grep -qE "(^|[[:space:]])$file([[:space:]]|\$)" Makefile.am ;;
		esac || echo "$file is not in Makefile.am"
	done
}

# What is built names the directory it is built in, which may be called
# anything, and tests that run beside this one come and go there.
no_forbidden_words() {
	find . \( -path "./${builddir#"$srcdir"/}" -o -name .git -o -name build -o -name build-check -o -name build-aux \
		-o -name autom4te.cache -o -name __pycache__ \) -prune -o \
		-type f ! -name configure ! -name 'configure~' ! -name aclocal.m4 ! -name Makefile.in \
		! -name '*.bin' -print >"$scratch/tree"
	sed 's,^\./,,' "$scratch/tree" >>"$scratch/seen"
	tr '\n' '\0' <"$scratch/tree" | xargs -0 grep -nIE "$forbidden"
	return 0
}

# --- what was built -----------------------------------------------------

no_mutable_globals() {
	for object in $(objects); do
		look "$object" >/dev/null
		objdump -h "$object" | awk -v object="$object" '
			$2 ~ /^\.t?(data|bss)(\.|$)/ && $2 !~ /^\.data\.rel\.ro/ && $3 !~ /^0+$/ {
				print object ": " $2 " holds 0x" $3 " bytes"
			}'
	done
}

# What the program is built with, as far as this machine's compiler has it.
program_is_hardened() {
	look it >/dev/null
	readelf -hldW --dyn-syms "$builddir/dfota" >"$scratch/elf" || echo "readelf failed"
	# of an object: the program has it only where the system's own start-up code has it too
	readelf -nW "$(objects | grep 'main\.o$')" >"$scratch/notes"
	grep -q 'Type: *DYN' "$scratch/elf" || echo "not position independent"
	grep -q 'GNU_RELRO' "$scratch/elf" || echo "no RELRO"
	grep -qE 'BIND_NOW|FLAGS_1.*NOW' "$scratch/elf" || echo "RELRO is not full: bound when called"
	grep 'GNU_STACK' "$scratch/elf" | grep -q 'RWE' && echo "the stack can be executed"
	grep -q ' LOAD .* RWE ' "$scratch/elf" && echo "memory that can be written and executed"
	grep -qE 'RPATH|RUNPATH' "$scratch/elf" && echo "looks for libraries in a place of its own"
	grep -q '__stack_chk_fail' "$scratch/elf" || echo "no stack protector"
	if grep -q '_FORTIFY_SOURCE' "$builddir/Makefile"; then
		grep -q '__snprintf_chk' "$scratch/elf" || echo "built with FORTIFY_SOURCE, without its effect"
	fi
	if grep -q -e '-fcf-protection=full' "$builddir/Makefile"; then
		grep -q 'IBT, SHSTK' "$scratch/notes" || echo "no control-flow protection"
	fi
	return 0
}

program_names_no_path() {
	look it >/dev/null
	# where it is to be installed may lie in there: make distcheck has it so
	prefix=$(sed -n 's/^prefix = //p' "$builddir/Makefile")
	tr '\0' '\n' <"$builddir/dfota" | grep -aF -e "$srcdir/" -e "$builddir/" | grep -qavF "$prefix/" &&
		echo "it names the folder it was built from"
	return 0
}

# Nothing is run by this program, so nothing that it is given can choose what.
no_child_process() {
	for object in $(objects); do
		nm -u "$object" | grep -wE '(v?fork|clone3?|exec[lv][pe]*|execvpe|fexecve|posix_spawnp?|system|popen|wordexp|dlopen)' |
			sed "s,^,${object##*/}:,"
		look "$object" >/dev/null
	done | grep -v '^library\.o: *U dlopen$'	# what is loaded is named by configure
	return 0
}

# What Makefile.am lists as CORE_TESTS.
core_tests() {
	awk '/^CORE_TESTS =/ { on = 1; sub(/.*=/, "") } on { more = /\\$/; sub(/\\$/, ""); print; on = more }' \
		Makefile.am | tr -s ' \t' '\n' | grep . | sed "s,^,$builddir/,"
}

core_tests_without_curses() {
	for program in $(core_tests); do
		objdump -p "$program" >"$scratch/needs" && look "$program" >/dev/null
		grep -E 'NEEDED.*(curses|tinfo)' "$scratch/needs" && echo "by ${program##*/}"
	done
	return 0
}

# --- manual -------------------------------------------------------------

# But for what depends on the manuals that this computer has.
manual_is_clean() {
	mandoc -T lint $(look $(manuals)) 2>&1 | grep -vE 'referenced manual not found|mandoc\.db'
	return 0
}

# Every command and every long option that the help names stands in the manual
# page, and the other way round.
manual_agrees_with_help() {
	look it >/dev/null
	"$builddir/dfota" help >"$scratch/help" || echo "dfota help failed"
	sed -n 's/^  dfota \([a-z][a-z]*\).*/\1/p' "$scratch/help" | sort -u >"$scratch/commands"
	for command in screen $(cat "$scratch/commands"); do
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

# The settings of a configuration and the properties, events and actions of a scenario
# stand in their pages, and nothing else does.
pages_agree_with_tables() {
	look it >/dev/null
	awk '/^static const char \*const configurable/,/};/' src/command/options.c | grep -oE '"[a-z-]+"' | tr -d '"' | sort >"$scratch/settings"
	sed -n '/^\.Bl/,/^\.El/s/^\.It Cm //p' man/dfota.5 | sort | diff "$scratch/settings" - | sed 's/^/dfota.5: /'
	sed -n 's/^	\(TEXT\|LIST\|NUMBER\|CHOICE\)("\([a-z-]*\)".*/\2/p' src/sim/scenario.c | sort >"$scratch/properties"
	sed -n '/^\.Ss Properties/,/^\.El/s/^\.It Cm //p' man/dfota-scenario.5 | sort | diff "$scratch/properties" - |
		sed 's/^/dfota-scenario.5: /'
	[ -s "$scratch/settings" ] && [ -s "$scratch/properties" ] || echo "no table was found"
}

# USB ids and interfaces of AT ports: the udev rule has those of the profiles.
udev_rule_agrees() {
	look it >/dev/null
	sed -n 's/^	{ 0x\([0-9a-f]*\), 0x\([0-9a-f]*\), \([0-9]*\) }.*/\1:\2 \3/p' src/protocol/profile.c | sort >"$scratch/in-profile"
	sed -n 's/^ENV{ID_VENDOR_ID}=="\([0-9a-f]*\)", ENV{ID_MODEL_ID}=="\([0-9a-f]*\)", ENV{ID_USB_INTERFACE_NUM}=="0\([0-9]\)".*/\1:\2 \3/p' \
		debian/dfota.udev | sort >"$scratch/in-udev"
	[ -s "$scratch/in-profile" ] || echo "no ids in profile.c"
	diff "$scratch/in-profile" "$scratch/in-udev"
}

# The packages that FUNCTION of bootstrap asks for, but those of every build of a package.
asked_for() {
	sed -n "/^$1() {/,/^}/s/^	\\(program\\|library\\|file\\) [^ ]* \\([^	 ]*\\).*/\\2/p" bootstrap |
		grep -vxE 'gcc|libc6-dev|make|autoconf|automake' | sort
}

# The Debian package is built with what bootstrap installs to build, and tested with
# what it installs for the unit tests.
build_dependencies_agree() {
	look it >/dev/null
	sed -n '/^Build-Depends:/,/^[A-Z].*:/s/^ \([^,]*\),/\1/p' debian/control | grep -v '^debhelper-compat ' >"$scratch/depends"
	asked_for need_to_build >"$scratch/to-build"
	asked_for need_for_unit_tests >"$scratch/to-test"
	[ -s "$scratch/to-build" ] && [ -s "$scratch/to-test" ] || echo "bootstrap asks for nothing"
	sed '/<!nocheck>/d; s/ .*//' "$scratch/depends" | sort | diff "$scratch/to-build" -
	sed -n 's/ <!nocheck>$//p' "$scratch/depends" | sort | diff "$scratch/to-test" -
}

# configure.ac has the version; what cannot be made of it names the same.
versions_agree() {
	look it >/dev/null
	version=$(sed -n 's/^AC_INIT(\[dfota\], \[\([0-9]*\.[0-9]*\.[0-9]*\)\].*/\1/p' configure.ac)
	[ -n "$version" ] || echo "configure.ac: no version of three numbers"
	sed -n '1s/^dfota \(.*\)/\1/p' NEWS | grep -qxF "$version" || echo "NEWS begins with another version than $version"
	sed -n '1s/^dfota (\(.*\)) .*/\1/p' debian/changelog | grep -qxF "$version" ||
		echo "debian/changelog begins with another version than $version"
	[ "$("$builddir/dfota" --version | sed 1q)" = "dfota $version" ] || echo "the program has another version than $version"
	schema=$(sed -n 's/^#define JSON_SCHEMA \([0-9]*\)$/\1/p' src/base/event.h)
	grep -qF "\"urn:dfota:json:$schema\"" doc/dfota-json.schema.json || echo "the schema of JSON is not the one of a start line"
}

# Each row of the fault catalogue has tests that exist, or says why it has none.
catalogue_has_tests() {
	look it >/dev/null
	python3 -B "$srcdir/tests/faults.py" -l
}

# The table "Trust" of README.md is the one of the files that commands write.
trust_is_that_of_the_files() {
	look it >/dev/null
	python3 -B "$srcdir/tests/trust.py" check
}

manuals() { ls man/*.[1-8]; }
one() { echo it; }

rule "folders include only what the table allows" rooms_are_kept sources
rule "no floor of the table stands on one above" rooms_stand_on_floors rooms
rule "foreign libraries stay in their rooms" libraries_are_kept sources
rule "includes make no circle" includes_make_no_circle sources
rule "symbols make no circle" symbols_make_no_circle objects
rule "files have at most $FILE_LINES lines" files_are_small all_sources
rule "functions have at most $FUNCTION_LINES lines" functions_are_small all_sources
rule "each folder says what its files hold" folders_have_readmes folders
rule "config.h comes first" config_comes_first config_users
rule "headers compile alone and twice" headers_stand_alone headers
rule "only main.c ends the program" only_main_exits c_sources
rule "nothing sleeps" nothing_sleeps all_sources
rule "asserts stay on" asserts_stay sources
rule "no sentence of ours is parsed" no_sentence_is_parsed sources
rule "messages have words, a cure, and the arguments of their rows" messages_fit with_messages
rule "translations are those of the tables" translations_fit one
rule "all sources are built" all_sources_are_built all_sources
rule "no forbidden words" no_forbidden_words all_sources
rule "nothing has mutable globals" no_mutable_globals objects
rule "the program is hardened" program_is_hardened one
rule "the program names no path of its sources" program_names_no_path one
rule "no child process" no_child_process objects
rule "core tests link without curses" core_tests_without_curses core_tests
rule "manual pages are clean" manual_is_clean manuals
rule "help and manual agree" manual_agrees_with_help one
rule "pages on files agree with their tables" pages_agree_with_tables one
rule "udev rule and profiles agree" udev_rule_agrees one
rule "bootstrap and the Debian package build with the same" build_dependencies_agree one
rule "the version is one" versions_agree one
rule "each fault of the catalogue has its tests" catalogue_has_tests one
rule "the table of trust shows what commands found" trust_is_that_of_the_files one
echo "1..$count"
[ "$failed" -eq 0 ]
