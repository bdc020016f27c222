/* Open an io_uring, whose work no filter of system calls sees.
 *
 * area: kernel
 */
#include "prelude.h"

int main(void) {
    static char parameters[256];
    told("io_uring_setup", syscall(425, 4, parameters));
    told("io_uring_register", syscall(427, -1, 0, NULL, 0));
    return 0;
}
