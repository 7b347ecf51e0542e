/* Damped Gauss-Newton steps for one network: the operations of nnlib.optimizers.least_squares in
 * the same order, and so with the same bits. In a memory that is laid out for them alone:
 *
 * 1. `layout_fit(h, N)`, with h at least 2 and N at least 1, makes room. It returns the address of
 *    six addresses of 32 bits, or 0 if there is no such memory. They are those of arrays of
 *    doubles, of which the caller fills the first five:
 *        table      (40961,)  as `train` has it
 *        x, y       (N,)      the samples
 *        root       (N,)      the square roots of how much each sample counts
 *        weights    (3h-2,)   V, then the two columns of U
 *        found      (3,)      the error, half the sum of the squares; what is made least, with the
 *                             penalty; 1 if no step was left that makes it visibly less, or else 0
 * 2. `fit_outputs()`, if wanted, gives V the values that are best for the hidden neurons.
 * 3. `begin_fit(penalty, enough)`, and then `fit(steps)` as often as wanted: it tries so many steps
 *    at most, fewer if it comes to an end, and returns how many. `weights` and `found` are up to
 *    date after each call.
 */

#include "kernel.h"

enum {
    ROOM = 8, /* that each array has beyond what it holds: loops take a few samples at a time */
    WIDTH = BLOCK + ROOM,
    PACE = 20,     /* steps after which the pace is looked at */
    PATIENCE = 20, /* how many times as many it may still need */
};

static uint32_t h, size, N, stride;
static double *x, *y, *root, *weights, *found;
static double *hidden, *e;             /* of all samples, at the weights */
static double *hidden_moved, *e_moved; /* and after a step */
static double *moved, *step, *scale, *damped;
static double *J;    /* derivatives of a block, in rows of BLOCK + ROOM; then one of errors */
static double *sums; /* JᵀJ and Jᵀe, see `sum_products`, and what is not added up yet */
static double *L;    /* the factor, laid out as the sums are */
static double loss, damping, faster, penalty, enough;
static double before;       /* the loss at the last look at the pace */
static int since;           /* steps tried after that */
static int moved_on, ended; /* whether the last step was taken; whether there is to be no other */

/* Some products of one row of J with those that follow each other from another one on. */
static inline __attribute__((always_inline)) void
products(const double *a, const double *b, int some, uint32_t m, double *total)
{
    const uint32_t whole = m / 8 * 8;
    eight running[3] = {0};
    for (uint32_t k = 0; k < whole; k += 8)
        for (int j = 0; j < 4; j++) {
            two a_k = load(a + k + 2 * j);
            for (int i = 0; i < some; i++)
                running[i].r[j] += a_k * load(b + i * WIDTH + k + 2 * j);
        }
    for (int i = 0; i < some; i++) {
        total[i] = add_up(running[i]);
        for (uint32_t k = whole; k < m; k++)
            total[i] += a[k] * b[i * WIDTH + k];
    }
}

/* Neither may become part of what is to be small. */
static __attribute__((noinline)) void
three_products(const double *a, const double *b, uint32_t m, double *total)
{
    products(a, b, 3, m, total);
}

static __attribute__((noinline)) void
one_product(const double *a, const double *b, uint32_t m, double *total)
{
    products(a, b, 1, m, total);
}

/* Where the diagonal is in sums and L. */
static uint32_t diagonal(uint32_t rows, uint32_t i) { return i * (rows + 1) - i * (i - 1) / 2; }

/* By Cholesky's factorisation, as `solve` of least_squares; L has the right side in it, too. */
static __attribute__((noinline)) void solve(uint32_t rows, double *s)
{
    double *column = L, *other; /* such that column[i] is the entry in row i */
    for (uint32_t j = 0; j < rows; column += rows - j, j++) {
        const double divisor = __builtin_sqrt(column[j]);
        for (uint32_t i = j; i < rows; i++)
            column[i] /= divisor;
        s[j] = column[rows] /= column[j];
        other = column;
        for (uint32_t k = j + 1; k < rows; k++) {
            other += rows + 1 - k;
            const double factor = column[k];
            for (uint32_t i = k; i <= rows; i++)
                other[i] -= column[i] * factor;
        }
    }
    for (uint32_t j = rows; j-- > 0;) {
        s[j] /= L[diagonal(rows, j)];
        other = L;
        for (uint32_t i = 0; i < j; other += rows - i, i++)
            s[i] -= other[j] * s[j];
    }
}

/* What follows takes less of the time, so it shall take little room in a page. */
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)

static double largest(double a, double b) { return a > b || a != a ? a : b; } /* a NaN, if any */

/* The order of numpy.add.reduce for the sum of a b: see `sum` of kernel.c. */
static double dot(const double *a, const double *b, uint32_t n)
{
    eight running = {0};
    uint32_t k, half = n / 16 * 8;
    if (n > BLOCK)
        return dot(a, b, half) + dot(a + half, b + half, n - half);
    for (k = 0; k < n / 8 * 8; k += 8)
        for (int j = 0; j < 4; j++)
            running.r[j] += load(a + k + 2 * j) * load(b + k + 2 * j);
    double total = add_up(running);
    for (; k < n; k++)
        total += a[k] * b[k];
    return total;
}

/* The hidden neurons and the errors of all samples, each times its root; returns the error. */
static double measure(const double *w, double *hidden, double *e)
{
    for (uint32_t begin = 0; begin < N; begin += BLOCK) {
        const uint32_t m = N - begin < BLOCK ? N - begin : BLOCK;
        const double *x_b = x + begin, *y_b = y + begin, *root_b = root + begin;
        double *e_b = e + begin;
        hidden_neurons(w, h, x_b, m, hidden + begin, stride, e_b);
        for (uint32_t k = 0; k < m; k += 2)
            store(e_b + k, (load(e_b + k) + w[h - 1] - load(y_b + k)) * load(root_b + k));
    }
    return dot(e, e, N) / 2;
}

/* The derivatives of the errors of m samples with respect to the weights; in the place of the first
 * that is not wanted, the errors themselves. */
static void derive(uint32_t rows, uint32_t begin, uint32_t m)
{
    const double *x_b = x + begin, *root_b = root + begin;
    for (uint32_t i = 0; i < h - 1; i++) {
        const double *H = hidden + i * stride + begin;
        double *J_V = J + i * WIDTH, *J_U0 = J_V + h * WIDTH, *J_U1 = J_U0 + (h - 1) * WIDTH;
        for (uint32_t k = 0; k < m; k += 2) {
            two H_k = load(H + k), root_k = load(root_b + k), slope = (1 - H_k) * H_k * weights[i];
            store(J_V + k, H_k * root_k);
            store(J_U0 + k, slope * load(x_b + k) * root_k);
            store(J_U1 + k, slope * root_k);
        }
    }
    for (uint32_t k = 0; k < m; k += 2) {
        store(J + (h - 1) * WIDTH + k, load(root_b + k));
        store(J + rows * WIDTH + k, load(e + begin + k));
    }
}

/* For each of the first `rows` derivatives, its products with itself, those below, and the errors:
 * JᵀJ by columns, and below each its entry of Jᵀe. */
static void sum_products(uint32_t rows, uint32_t begin, uint32_t n, double *total)
{
    const uint32_t half = n / 16 * 8, count = rows * (rows + 3) / 2;
    if (n > BLOCK) {
        sum_products(rows, begin, half, total);
        sum_products(rows, begin + half, n - half, total + count);
        for (uint32_t i = 0; i < count; i++)
            total[i] += total[count + i];
        return;
    }
    derive(rows, begin, n);
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t j = i;
        for (; j + 2 <= rows; j += 3, total += 3)
            three_products(J + i * WIDTH, J + j * WIDTH, n, total);
        for (; j <= rows; j++, total++)
            one_product(J + i * WIDTH, J + j * WIDTH, n, total);
    }
}

EXPORT("fit_outputs") void fit_outputs(void)
{
    const double ridge = 1e-8; /* some hidden neurons may be alike */
    measure(weights, hidden, e);
    for (uint32_t k = 0; k < N; k++)
        e[k] = y[k] * root[k];
    sum_products(h, 0, N, sums);
    for (uint32_t i = 0; i < h * (h + 3) / 2; i++)
        L[i] = sums[i];
    for (uint32_t i = 0; i < h; i++) {
        double *own = L + diagonal(h, i);
        *own = *own > 0 ? (1 + ridge) * *own : 1;
    }
    solve(h, weights);
}

EXPORT("begin_fit") void begin_fit(double penalty_, double enough_)
{
    penalty = penalty_, enough = enough_, damping = 0.01, faster = 2;
    ended = 0, moved_on = 1, since = 0;
    for (uint32_t i = 0; i < size; i++)
        scale[i] = 0;
    found[0] = measure(weights, hidden, e);
    found[2] = 0;
    found[1] = before = loss = found[0] + penalty * dot(weights, weights, size) / 2;
}

EXPORT("fit") uint32_t fit(uint32_t steps)
{
    const double least = 1e-20, most = 1e20, eps = 0x1p-52;
    const uint32_t count = size * (size + 3) / 2;
    uint32_t tried = 0;
    while (tried < steps && !ended) {
        if (moved_on) {
            sum_products(size, 0, N, sums);
            for (uint32_t i = 0; i < size; i++) {
                double *own = sums + diagonal(size, i);
                *own += penalty;
                own[size - i] += penalty * weights[i];
                scale[i] = largest(scale[i], *own);
            }
        }
        for (uint32_t i = 0; i < count; i++)
            L[i] = sums[i];
        for (uint32_t i = 0; i < size; i++) {
            damped[i] = damping * (scale[i] > 0 ? scale[i] : 1);
            L[diagonal(size, i)] += damped[i];
        }
        solve(size, step);
        for (uint32_t i = 0; i < size; i++) {
            step[i] = -step[i];
            moved[i] = weights[i] + step[i];
            damped[i] = damped[i] * step[i] - sums[diagonal(size, i) + size - i];
        }
        const double expected = dot(step, damped, size) / 2;
        const double error = measure(moved, hidden_moved, e_moved);
        const double loss_moved = error + penalty * dot(moved, moved, size) / 2;
        const double bend = 2 * ((loss - loss_moved) / expected) - 1;
        moved_on = loss_moved < loss; /* and a step that is not finite is not taken */
        if (moved_on) {
            double *spare = hidden, *spare_e = e;
            hidden = hidden_moved, e = e_moved, hidden_moved = spare, e_moved = spare_e;
            for (uint32_t i = 0; i < size; i++)
                weights[i] = moved[i];
            found[0] = error, found[1] = loss = loss_moved;
            damping = largest(damping * largest(1.0 / 3, 1 - bend * bend * bend), least);
            faster = 2;
        } else {
            damping *= faster;
            faster *= 2;
        }
        tried++;
        if (expected <= eps * loss || damping > most)
            ended = 1, found[2] = 1;
        else if (loss <= enough)
            ended = 1;
        else if (++since == PACE && enough > 0) { /* see `_is_too_slow` of least_squares */
            double pace = before / loss, far = enough;
            for (int i = 0; i < PATIENCE; i++)
                far *= pace;
            ended = far < loss;
            before = loss, since = 0;
        }
    }
    return tried;
}

EXPORT("layout_fit") uint32_t layout_fit(uint32_t neurons, uint32_t samples)
{
    extern char __heap_base;
    static double *addresses[6];
    double **arrays[] = {&x, &y, &root, &weights, &found, &hidden, &hidden_moved, &e, &e_moved,
                         &moved, &step, &scale, &damped, &J, &sums, &L};
    const uint64_t n = samples, p = 3 * (uint64_t)neurons - 2, each = (n + ROOM) / 2 * 2;
    const uint64_t neuron = (neurons - 1) * each, count = p * (p + 3) / 2;
    uint64_t depth = 1;
    for (uint64_t part = n; part > BLOCK; part -= part / 16 * 8)
        depth++;
    const uint64_t sizes[] = {n, n, n, p, 3, neuron, neuron, n, n, p, p, p, p,
                              (p + 1) * WIDTH, depth * count, count};
    if (neurons >> 24) /* so that no product overflows */
        return 0;
    uint64_t end = (uintptr_t)&__heap_base, now = __builtin_wasm_memory_size(0), pages;
    for (int i = 0; i < 16; i++) {
        end = (end + 15) / 16 * 16;
        *arrays[i] = (double *)(uintptr_t)end;
        end += 8 * (sizes[i] + ROOM);
        if (sizes[i] >> 29 || end >> 32)
            return 0;
        if (i < 5)
            addresses[i + 1] = *arrays[i];
    }
    pages = (end + 0xffff) >> 16;
    if (pages > now && __builtin_wasm_memory_grow(0, pages - now) == SIZE_MAX)
        return 0;
    addresses[0] = table;
    h = neurons, size = p, N = samples, stride = each;
    return (uint32_t)(uintptr_t)addresses;
}

#pragma clang attribute pop
