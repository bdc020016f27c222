/* Make a system call with the numbers of the x32 interface, past a filter that compares plain numbers.
 *
 * area: kernel
 * naive: hardly any kernel is built with the x32 interface
 */
#include "prelude.h"

int main(void) {
    told("getpid as x32", syscall(0x40000000L + SYS_getpid));
    told("socket as x32", syscall(0x40000000L + SYS_socket, AF_INET, SOCK_STREAM, 0));
    return 0;
}
