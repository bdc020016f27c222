/* Print for ever, by streams.
 *
 * area: output
 * wall: 3
 * ends: exit 0 | output | timeout | signal 9 | signal 13
 */
#include "prelude.h"
#include <iostream>
#include <string>

int main() {
    const std::string line(1000, 'v');
    for (int i = 0; i < 40000; i++) (i % 2 ? std::cout : std::cerr) << line << '\n';
}
