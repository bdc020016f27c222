/* Make new namespaces, where it would be root.
 *
 * area: namespaces
 */
#include "prelude.h"
#include <sched.h>

static const struct { const char *name; int flag; } KINDS[] = {
    {"users", CLONE_NEWUSER}, {"users and mounts", CLONE_NEWUSER | CLONE_NEWNS}, {"users and network", CLONE_NEWUSER | CLONE_NEWNET},
    {"users and processes", CLONE_NEWUSER | CLONE_NEWPID}, {"mounts", CLONE_NEWNS}, {"network", CLONE_NEWNET},
    {"control groups", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC}, {"host name", CLONE_NEWUTS}, {"time", 0x80},
};

int main(void) {
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (fork() == 0) {
            told(KINDS[i].name, unshare(KINDS[i].flag));
            _exit(0);
        }
        wait(NULL);
    }
    return 0;
}
