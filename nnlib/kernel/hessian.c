/* The second derivatives of the loss: the operations of nnlib.landscape.curvature.hessian in the same
 * order, and so with the same bits. To call it:
 *
 * 1. `layout(h, N, rows)`, with h at least 2 and the others at least 1, makes room for as many
 *    networks. It returns the address of five addresses of 32 bits, or 0 if there is no such memory.
 *    They are those of arrays of doubles, of which the caller fills the first four:
 *        table    (40961,)             as kernel.c has it
 *        x, y     (N,)                 the dataset
 *        weights  (rows, 3h-2)         V, then the two columns of U: network.pack
 *        found    (rows, 3h-2, 3h-2)   the Hessians
 * 2. `hessian(rows)`, with up to as many rows, as often as wanted.
 */

#include "kernel.h"

enum { DEPTH = 32 }; /* halvings, more than the memory has samples for */

static uint32_t h, size, count, N;
static double *x, *y, *weights, *found;
static double *first, *second; /* of a block: rows of derivatives of the output; see below */
static double *sums;           /* of the products of two rows of the first, then of the second ones */
static double e[BLOCK];

/* H, what the output's derivatives are by U[:, 0] and U[:, 1], and the errors of m samples; then the
 * errors times the output's second derivatives: by V and U[:, 0], V and U[:, 1], U[:, 0] twice,
 * U[:, 0] and U[:, 1], U[:, 1] twice, of each neuron. */
static void differentiate(const double *V, const double *x, const double *y, uint32_t m)
{
    hidden_neurons(V, h, x, m, first, BLOCK, e);
    for (uint32_t k = 0; k < m; k += 2) {
        store(first + (h - 1) * BLOCK + k, (two){1, 1}); /* the bias unit */
        store(e + k, load(e + k) + V[h - 1] - load(y + k));
    }
    for (uint32_t i = 0; i < h - 1; i++) {
        double *by_U = first + (h + i) * BLOCK, *twice = second + i * BLOCK;
        const uint32_t next = (h - 1) * BLOCK;
        for (uint32_t k = 0; k < m; k += 2) {
            two x_k = load(x + k), e_k = load(e + k), H = load(first + i * BLOCK + k);
            two slope = H * (1 - H), V_slope = V[i] * slope, bend = V[i] * (slope * (1 - 2 * H));
            store(by_U + k, V_slope * x_k);
            store(by_U + next + k, V_slope);
            store(twice + k, e_k * (slope * x_k));
            store(twice + next + k, e_k * slope);
            store(twice + 2 * next + k, e_k * (bend * x_k * x_k));
            store(twice + 3 * next + k, e_k * (bend * x_k));
            store(twice + 4 * next + k, e_k * bend);
        }
    }
}

/* The sum of the products of two rows in numpy's order: eight running sums, and what does not fill
 * them one by one. */
static inline double dot(const double *a, const double *b, uint32_t m)
{
    eight running = {0};
    uint32_t k;
    for (k = 0; k < m / 8 * 8; k += 8)
        for (int j = 0; j < 4; j++)
            running.r[j] += load(a + k + 2 * j) * load(b + k + 2 * j);
    double total = add_up(running);
    for (; k < m; k++)
        total += a[k] * b[k];
    return total;
}

/* The order of numpy.add.reduce: up to 128 samples at one go, more in two halves. */
static void sum(const double *w, const double *x, const double *y, uint32_t n, double *total)
{
    const uint32_t half = n / 16 * 8;
    if (n > BLOCK) {
        sum(w, x, y, half, total);
        sum(w, x + half, y + half, n - half, total + count);
        for (uint32_t i = 0; i < count; i++)
            total[i] += total[count + i];
        return;
    }
    differentiate(w, x, y, n);
    for (uint32_t i = 0; i < size; i++)
        for (uint32_t j = 0; j <= i; j++)
            *total++ = dot(first + i * BLOCK, first + j * BLOCK, n);
    for (uint32_t i = 0; i < 5 * (h - 1); i++)
        *total++ = dot(second + i * BLOCK, first + (h - 1) * BLOCK, n); /* times 1 */
}

EXPORT("hessian") void hessian(uint32_t rows)
{
    for (uint32_t row = 0; row < rows; row++) {
        double *matrix = found + row * size * size, *total = sums;
        sum(weights + row * size, x, y, N, total);
        for (uint32_t i = 0; i < size; i++)
            for (uint32_t j = 0; j <= i; j++)
                matrix[i * size + j] = *total++;
        for (uint32_t i = 0; i < h - 1; i++) {
            const uint32_t u0 = h + i, u1 = u0 + h - 1;
            matrix[u0 * size + i] += total[i];
            matrix[u1 * size + i] += total[h - 1 + i];
            matrix[u0 * size + u0] += total[2 * (h - 1) + i];
            matrix[u1 * size + u0] += total[3 * (h - 1) + i];
            matrix[u1 * size + u1] += total[4 * (h - 1) + i];
        }
        for (uint32_t i = 0; i < size; i++)
            for (uint32_t j = 0; j <= i; j++)
                matrix[j * size + i] = matrix[i * size + j] /= N;
    }
}

/* Each array has room for 8 more than it holds, as the loops take a few samples at a time. */
EXPORT("layout") uint32_t layout(uint32_t neurons, uint32_t samples, uint32_t rows)
{
    extern char __heap_base;
    static double *addresses[5];
    double **arrays[] = {&x, &y, &weights, &found, &first, &second, &sums};
    const uint64_t width = 3 * (uint64_t)neurons - 2, matrix = width * width,
                   length = width * (width + 1) / 2 + 5 * (neurons - 1);
    const uint64_t sizes[] = {samples, samples, rows * width, rows * matrix, width * BLOCK,
                              5 * (neurons - 1) * (uint64_t)BLOCK, DEPTH * length};
    if (neurons >> 14) /* so that no product overflows */
        return 0;
    uint64_t end = (uintptr_t)&__heap_base, now = __builtin_wasm_memory_size(0), pages;
    for (int i = 0; i < 7; i++) {
        end = (end + 15) / 16 * 16;
        *arrays[i] = (double *)(uintptr_t)end;
        end += 8 * (sizes[i] + 8);
        if (sizes[i] >> 29 || end >> 32)
            return 0;
        if (i < 4)
            addresses[i + 1] = *arrays[i];
    }
    pages = (end + 0xffff) >> 16;
    if (pages > now && __builtin_wasm_memory_grow(0, pages - now) == SIZE_MAX)
        return 0;
    addresses[0] = table;
    h = neurons, size = (uint32_t)width, count = (uint32_t)length, N = samples;
    return (uint32_t)(uintptr_t)addresses;
}
