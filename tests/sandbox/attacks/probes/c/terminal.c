/* Type into a terminal as if its user had, and change what the terminal is.
 *
 * The high half of the request's number is set once: a filter that compares all 64 bits lets that pass (CVE-2019-10063).
 *
 * area: terminal
 */
#include "prelude.h"
#include <sys/ioctl.h>

int main(void) {
    if (fork() == 0) {
        setsid();
        int pair = posix_openpt(O_RDWR | O_NOCTTY), discipline = 0;
        grantpt(pair);
        unlockpt(pair);
        const char *name = pair < 0 ? NULL : ptsname(pair);
        int terminal = name == NULL ? -1 : open(name, O_RDWR | O_NOCTTY);
        told("make it the controlling terminal", ioctl(terminal, TIOCSCTTY, 0));
        told("type a key", ioctl(terminal, TIOCSTI, "x"));
        told("type a key, with a high bit", syscall(SYS_ioctl, terminal, TIOCSTI | 1L << 32, "x"));
        told("paste", ioctl(terminal, TIOCLINUX, "\3"));
        told("change its discipline", ioctl(terminal, TIOCSETD, &discipline));
        _exit(0);
    }
    wait(NULL);
    return 0;
}
