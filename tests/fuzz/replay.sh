#!/bin/sh
# Every fuzz target over its corpus, and over the samples that other tests have of its
# kind: what was found once stays found. TAP.
targets=$srcdir/tests/fuzz/corpus
log=$(mktemp) || exit 99
trap 'rm -f "$log"' EXIT
count=0
for corpus in "$targets"/*; do
	target=${corpus##*/} count=$((count + 1))
	case $target in
	record) more=$srcdir/tests/records ;;
	scenario) more=$srcdir/tests/scenarios ;;
	*) more= ;;
	esac
	if inputs=$(timeout 300 "$builddir/tests/fuzz/$target" "$corpus" $more 2>"$log"); then
		echo "ok $count - $target: $inputs"
	else
		tail -n 20 "$log" | sed 's/^/# /'
		echo "not ok $count - $target: $(grep "^$srcdir" "$log" | tail -n 1)"
	fi
done
echo "1..$count"
