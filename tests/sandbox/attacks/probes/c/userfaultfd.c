/* Handle page faults itself, which holds the kernel in the middle of a call for as long as it likes.
 *
 * area: kernel
 */
#include "prelude.h"

int main(void) {
    told("userfaultfd", syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */));
    return 0;
}
