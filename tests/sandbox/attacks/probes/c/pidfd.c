/* Reach a process of the host by a descriptor instead of a number, and take its descriptors.
 *
 * area: processes
 */
#include "prelude.h"

int main(void) {
    long handle = told("open the canary", syscall(SYS_pidfd_open, canary(), 0));
    told("signal the canary", syscall(SYS_pidfd_send_signal, handle, SIGKILL, NULL, 0));
    told("take a descriptor of the canary", syscall(SYS_pidfd_getfd, handle, 0, 0));
    told("compare itself with the canary", syscall(SYS_kcmp, getpid(), canary(), 0, 0, 0));
    return 0;
}
