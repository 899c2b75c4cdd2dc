#include "config.h"

#include "modem/link.h"

#include <string.h>

#include "base/count.h"
#include "protocol/profile.h"

static const struct link_info links[LINK_COUNT] = {
	[LINK_UART] = {"uart", true, true, true, FLOW_LINES, true, "uart1"},
	[LINK_ADAPTER] = {"adapter", true, true, true, FLOW_LINES, true, "uart1"},
	[LINK_OWN_USB] = {"own-usb", false, false, false, FLOW_BUS, false, NULL},
	/* a simulated module looks at the rate, and it stands for one on a UART */
	[LINK_PTY] = {"pty", true, true, false, FLOW_NONE, false, "uart1"},
	[LINK_SOCKET] = {"socket", false, false, false, FLOW_SERVER, true, NULL},
	[LINK_TELNET] = {"telnet", true, true, false, FLOW_ASKED, true, NULL},
};

const struct link_info *link_info(enum link link)
{
	return &links[link];
}

/* Drivers of modems' own USB ports and of nothing else, as the tty's device
 * names them (option's usb-serial driver is called option1): Linux 6.1,
 * drivers/usb/serial. cdc_acm drives adapters too, so there the id decides. */
static bool is_modem_driver(const char *driver)
{
	static const char *const drivers[] = {
		"option", "option1", "qcserial", "qcaux", "sierra", "hso", "GobiSerial",
	};

	for (size_t i = 0; i < COUNT(drivers); i++)
		if (strcmp(driver, drivers[i]) == 0)
			return true;
	return false;
}

enum link link_of(const struct port_info *info)
{
	if (is_modem_driver(info->driver) || profile_own_usb(info->usb_vid, info->usb_pid))
		return LINK_OWN_USB;
	if (info->usb_path[0])
		return LINK_ADAPTER;
	return info->driver[0] ? LINK_UART : LINK_PTY;
}

const char *link_urc_port(enum link link, const struct port_info *info)
{
	/* which of a module's other interfaces "usbmodem" is nobody states */
	if (link == LINK_OWN_USB)
		return info->likely_at ? "usbat" : NULL;
	return links[link].urc_port;
}
