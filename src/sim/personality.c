#include "config.h"

#include "sim/personality.h"

#include <string.h>

#include "base/count.h"

/* Versions: protocol.md 7 and 10, and of the same pattern where it lists one or none. */
static const struct personality rows[] = {
	{"ugxx", ""},	/* what sim_settings_init() makes */
	{"ucxx",
	 "set model UC20\n"
	 "set version UC20GQBR03A12E1G\n"
	 "set to UC20GQBR03A14E1G\n"},
	{"ec2x",	/* captured logs: the port goes right after OK, or after HTTPEND 0 */
	 "set model EG25\n"
	 "set version EG25GGBR07A07M2G\n"
	 "set to EG25GGBR07A08M2G\n"
	 "set dialect none\n"
	 "set local /data/ufs/\n"
	 "set list-prefix UFS:\n"
	 "set replug on\n"
	 "set damaged-code 510\n"
	 "set base-code 510\n"
	 "set cereg 1\n"},
	{"ep06",	/* EP06 DFOTA guide V1.0; the port goes before START: protocol.md 4.1 */
	 "set model EP06\n"
	 "set version EP06ELAR02A08M4G\n"
	 "set to EP06ELAR02A09M4G\n"
	 "set dialect none\n"
	 "set replug on\n"
	 "set damaged-code 504\n"
	 "set base-code 510\n"
	 "set cereg 1\n"},
	{"bg96",	/* BG96 DFOTA guide: RESTORE with ` 1%`, goes on after a power cut */
	 "set model BG96\n"
	 "set version BG96MAR02A06M1G\n"
	 "set to BG96MAR02A07M1G\n"
	 "set dialect none\n"
	 "set schemes http https\n"
	 "set updating-word RESTORE\n"
	 "set percent-sign on\n"
	 "set resume announce\n"
	 "set damaged-code 506\n"
	 "set base-code 504\n"
	 "set cgreg 0\n"
	 "set cereg 1\n"},
	{"bg95",	/* captured logs; RESTORE of BG96 by assumption */
	 "set model BG95-M3\n"
	 "set version BG95M3LAR02A03\n"
	 "set to BG95M3LAR02A04\n"
	 "set dialect none\n"
	 "set schemes http https\n"
	 "set resume announce\n"
	 "set damaged-code 506\n"
	 "set base-code 504\n"
	 "set cgreg 0\n"
	 "set cereg 1\n"},
	{"lte-a",	/* LTE Standard(A) guide: FILE form, restarts after the check of the package */
	 "set model EC200A\n"
	 "set version EC200ACNHAR01A01M16\n"
	 "set to EC200ACNHAR01A02M16\n"
	 "set dialect file\n"
	 "set url-tail ,1,50,50\n"
	 "set test-answer +QFOTADL: <url>,(0,1),(1-100),(1-100)\n"
	 "set downloading 10,40,70,100\n"
	 "set replug on\n"
	 "set damaged-code 506\n"
	 "set base-code 507\n"
	 "set cereg 1\n"},
	{"ec200u",	/* captured logs: mode and limits behind the URL, DOWNLOADING */
	 "set model EC200U\n"
	 "set version EC200UCNAAR03A03M08\n"
	 "set to EC200UCNAAR03A13M08\n"
	 "set dialect none\n"
	 "set url-tail ,1,50,100\n"
	 "set downloading 2,50,100\n"
	 "set damaged-code 505\n"
	 "set base-code 507\n"
	 "set cereg 1\n"},
};

const struct personality *sim_personality(size_t index)
{
	return index < COUNT(rows) ? &rows[index] : NULL;
}

int sim_personality_apply(struct sim_settings *p, const char *family, struct err *e)
{
	const struct personality *row;
	struct sim_scenario lines;

	for (size_t i = 0; (row = sim_personality(i)); i++) {
		if (strcmp(row->name, family ? family : rows[0].name) != 0)
			continue;
		if (sim_scenario_parse(&lines, p, row->name, row->settings, strlen(row->settings), e) < 0)
			return -1;
		sim_scenario_free(&lines);
		return 0;
	}
	return err_fail(e, MSG_PROFILE_UNKNOWN, "profile=%s", family);
}
