#include "config.h"

#include "upgrade/routes.h"

/* What the user chose, by how the family takes a package from this computer. */
static const struct route_steps *const routes[SERIAL_WAYS][ROUTE_COUNT] = {
	[SERIAL_NONE] = {
		[ROUTE_DOWNLOAD] = &route_download,
		[ROUTE_PUBLISH] = &route_publish,
	},
	[SERIAL_STREAM] = {
		[ROUTE_DOWNLOAD] = &route_download,
		[ROUTE_SERIAL] = &route_serial,
		[ROUTE_RELAY] = &route_relay,
		[ROUTE_PUBLISH] = &route_publish,
	},
	[SERIAL_UPLOAD] = {
		[ROUTE_DOWNLOAD] = &route_download,
		[ROUTE_SERIAL] = &route_upload,
		[ROUTE_RELAY] = &route_relay_upload,
		[ROUTE_PUBLISH] = &route_publish,
	},
};

const struct route_steps *route_steps(enum profile_serial family, enum route route)
{
	return routes[family][route];
}
