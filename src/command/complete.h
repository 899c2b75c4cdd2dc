/*
 * complete.h - what can follow on a command line: the one answer that the shells'
 * completion scripts (completion/) ask for.
 */
#ifndef DFOTA_COMPLETE_H
#define DFOTA_COMPLETE_H

/*
 * `dfota complete WORD...`: print what the last of WORDS[COUNT], perhaps "", may be
 * continued to, a candidate a line, after a tab what it means; ":files" stands for
 * the files of the shell. Out of the option table, the ports, the profiles and the
 * unfinished upgrades. Opens no port. Hostile names are left out.
 */
void complete_print(int count, char **words);

#endif
