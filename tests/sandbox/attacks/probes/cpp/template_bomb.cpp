/* Let the compiler make types from types, two for each of the level before.
 *
 * area: compilers
 * slow: yes
 * ends: not built
 */
#warning RAN
template <class T, int level> struct Left {};
template <class T, int level> struct Right {};
template <int depth, class T> struct Node {
    Node<depth - 1, Left<T, depth>> left;
    Node<depth - 1, Right<T, depth>> right;
};
template <class T> struct Node<0, T> {};

int main() { return (int)sizeof(Node<22, int>); }
