/* Make a system call by the 32-bit entry, past a filter that knows only the 64-bit numbers.
 *
 * area: kernel
 * ends: signal 31 | signal 11 | exit 0
 */
#include "prelude.h"

int main(void) {
#ifdef __x86_64__
    long result = 20; /* getpid, in the numbers of i386 */
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    errno = (int)-result;
    told("int 0x80", result < 0 ? -1 : 0);
#else
    dprintf(1, "TOLD int 0x80: this processor has none\n");
#endif
    return 0;
}
