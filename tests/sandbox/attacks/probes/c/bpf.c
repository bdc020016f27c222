/* Load a program into the kernel.
 *
 * area: kernel
 * naive: kernels of today keep bpf from unprivileged users (kernel.unprivileged_bpf_disabled)
 */
#include "prelude.h"

int main(void) {
    unsigned map[32] = {2 /* an array */, 4, 4, 1};
    told("make a map", syscall(SYS_bpf, 0, map, sizeof map));
    unsigned long long code[2] = {0xb7, 0x95}; /* r0 = 0; exit */
    struct { unsigned type, count; unsigned long long code, license; char rest[88]; } program = {
        1 /* a socket filter */, 2, (unsigned long long)(size_t)code, (unsigned long long)(size_t)"GPL", {0}};
    told("load a program", syscall(SYS_bpf, 5, &program, sizeof program));
    return 0;
}
