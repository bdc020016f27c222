/* Watch which programs the run beside it, or the host, opens.
 *
 * area: spying
 * runs: at once
 */
#include "prelude.h"
#include <sys/fanotify.h>
#include <sys/inotify.h>

static void open_often(void) {
    for (int i = 0; i < 60; i++) {
        close(open("/usr/bin/env", O_RDONLY));
        rest(20);
    }
    dprintf(1, "TOLD the first run opened a program\n");
}

static void watch(void) {
    char events[512];
    signal(SIGIO, SIG_IGN);
    int inbox = inotify_init1(IN_NONBLOCK);
    told("fanotify", fanotify_init(FAN_CLASS_NOTIF | 0x200 /* FAN_REPORT_FID: without privileges */, O_RDONLY));
    told("dnotify", fcntl(open("/usr/bin", O_RDONLY), F_NOTIFY, 0x1 /* DN_ACCESS */));
    if (inbox < 0 || inotify_add_watch(inbox, "/usr/bin/env", IN_OPEN) < 0) {
        told("inotify", -1);
        return;
    }
    for (int i = 0; i < 80; i++, rest(10))
        if (read(inbox, events, sizeof events) > 0) {
            dprintf(1, "BREACH it saw another process open a program\n");
            return;
        }
    dprintf(1, "TOLD inotify: it saw nobody\n");
}

int main(void) {
    is_first() ? open_often() : watch();
    return 0;
}
