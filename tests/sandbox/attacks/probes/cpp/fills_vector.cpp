/* Grow a vector for ever, with a handler that asks again whenever memory is refused.
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | memory | signal 9
 */
#include "prelude.h"
#include <new>
#include <vector>

int main() {
    static int refusals = 0;
    std::set_new_handler([] { if (++refusals > 100) throw std::bad_alloc(); });
    std::vector<std::vector<char>> rows;
    try {
        while (rows.size() < 96) rows.emplace_back(16 * MIB, 'x');
    } catch (const std::bad_alloc &) {
        dprintf(1, "TOLD bad_alloc\n");
    }
    reached("MiB of vectors", (long)rows.size() * 16, 1024);
    return 0;
}
