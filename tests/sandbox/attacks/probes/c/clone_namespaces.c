/* Make a child in namespaces of its own, by both calls that can.
 *
 * area: namespaces
 */
#include "prelude.h"
#include <sched.h>

struct arguments { unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls; };

int main(void) {
    long child = syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) _exit(0);
    told("clone", child);
    struct arguments wanted = {.flags = CLONE_NEWUSER | CLONE_NEWNET, .exit_signal = SIGCHLD};
    child = syscall(SYS_clone3, &wanted, sizeof wanted);
    if (child == 0) _exit(0);
    told("clone3", child);
    return 0;
}
