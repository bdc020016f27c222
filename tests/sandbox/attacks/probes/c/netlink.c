/* Ask the kernel for the host's network interfaces, addresses and sockets.
 *
 * area: network
 */
#include "prelude.h"
#include <ifaddrs.h>
#include <net/if.h>

int main(void) {
    struct ifaddrs *list = NULL;
    told("list the addresses", getifaddrs(&list));
    for (; list != NULL; list = list->ifa_next) dprintf(1, "sees %s\n", list->ifa_name);
    told("route messages", socket(AF_NETLINK, SOCK_RAW, 0));
    told("list sockets", socket(AF_NETLINK, SOCK_RAW, 4 /* NETLINK_SOCK_DIAG */));
    told("hear the kernel's events", socket(AF_NETLINK, SOCK_RAW, 15 /* NETLINK_KOBJECT_UEVENT */));
    return 0;
}
