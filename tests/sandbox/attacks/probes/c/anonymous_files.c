/* Run a program from a file that has no name and no place.
 *
 * area: kernel
 */
#include "prelude.h"

int main(void) {
    told("memfd_create", syscall(SYS_memfd_create, "x", 0));
    told("memfd_secret", syscall(447, 0));
    return 0;
}
