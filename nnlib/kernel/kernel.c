/* The training loop of nnlib, for Python and the browser: the operations of nnlib.elementary,
 * nnlib.network and nnlib.training in the same order, and so with the same bits.
 *
 * WebAssembly fixes the result of every operation used here but for the bits of a NaN, and the
 * vector operations work on two samples that know nothing of each other. There is no library
 * beneath it, and it imports nothing; `make kernel` compiles it. To call it:
 *
 * 1. `layout(h, N, N_test, rows)`, all at least 1 and h at least 2, makes room for `rows` epochs
 *    at a time. It returns the address of nine addresses of 32 bits, or 0 if there is no such
 *    memory. They are those of arrays of doubles, of which the caller fills the first six:
 *        table          (40961,)       exp(-n/512) for n from -20480, times 33/32, at the ends the
 *                                      largest double and 0: elementary._EXP_MINUS
 *        x, y           (N,)           the training set
 *        x_test, y_test (N_test,)      the test set
 *        weights        (3h-2,)        V, then the two columns of U: network.pack
 *        history        (rows, 3h-2)   the weights of each epoch
 *        totals         (rows, 3h-1)   sums over the training set: the gradient, then e²
 *        test_totals    (rows,)        the sum of e² over the test set
 *    They stay where they are until `layout` is called again. What is filled in must be finite.
 * 2. `train(learning_rate, epochs)`, with epochs up to `rows`, as often as wanted: for each epoch
 *    it writes a row, beginning with the weights as they are, and then updates the weights. It
 *    returns the number of rows. After a total of e² that is not finite it stops.
 */

#include "kernel.h"

enum { DEPTH = 32 }; /* halvings, more than the memory has samples for */

double table[2 * STEPS * END + 1];
static uint32_t h, n_train, n_test;
static double *x_train, *y_train, *x_test, *y_test, *weights, *history, *totals, *test_totals;
static double *H, *sums;                /* hidden neurons of a block; sums of blocks not yet added */
static double e[BLOCK], power[BLOCK]; /* the errors of a block; see below */

/* Section 2.3: the hidden neurons H and the errors e = V · H - y of m samples. */
static void forward_pass(const double *x, const double *y, uint32_t m)
{
    const double *V = weights, *U0 = V + h, *U1 = U0 + h - 1;
    for (uint32_t k = 0; k < m; k += 2)
        store(e + k, (two){0, 0});
    for (uint32_t i = 0; i < h - 1; i++) {
        double *H_i = H + i * BLOCK;
        const double u0 = U0[i], u1 = U1[i], v = V[i];
        for (uint32_t k = 0; k < m; k += 2)
            nearest_step(u0 * load(x + k) + u1, H_i + k, power + k);
        for (uint32_t k = 0; k < m; k += 2) {
            two neuron = sigmoid(load(H_i + k), load(power + k));
            store(H_i + k, neuron);
            store(e + k, load(e + k) + v * neuron);
        }
    }
    for (uint32_t k = 0; k < m; k += 2)
        store(e + k, load(e + k) + V[h - 1] - load(y + k));
}

/* Section 2.5: the sum of e² and, for the training set, equations (1) and (2), but for the factor V
 * of (2). What does not fill eight running sums is added one by one. */
static void sum_block(const double *x, uint32_t m, double *total, int with_gradient)
{
    double *grad_V = total, *grad_U0 = grad_V + h, *grad_U1 = grad_U0 + h - 1;
    uint32_t k, whole = m / 8 * 8;
    eight sum_e = {0}, sum_e2 = {0};
    for (k = 0; k < whole; k += 8)
        for (int j = 0; j < 4; j++) {
            two e_k = load(e + k + 2 * j);
            sum_e.r[j] += e_k;
            sum_e2.r[j] += e_k * e_k;
        }
    double total_e = add_up(sum_e), total_e2 = add_up(sum_e2);
    for (; k < m; k++) {
        total_e += e[k];
        total_e2 += e[k] * e[k];
    }
    if (!with_gradient) {
        *total = total_e2;
        return;
    }
    grad_V[h - 1] = total_e;
    grad_U1[h - 1] = total_e2;
    for (uint32_t i = 0; i < h - 1; i++) {
        const double *H_i = H + i * BLOCK;
        eight sum_V = {0}, sum_U0 = {0}, sum_U1 = {0};
        for (k = 0; k < whole; k += 8)
            for (int j = 0; j < 4; j++) {
                two H_k = load(H_i + k + 2 * j), e_H = load(e + k + 2 * j) * H_k;
                two slope = (1 - H_k) * e_H;
                sum_V.r[j] += e_H;
                sum_U0.r[j] += slope * load(x + k + 2 * j);
                sum_U1.r[j] += slope;
            }
        grad_V[i] = add_up(sum_V), grad_U0[i] = add_up(sum_U0), grad_U1[i] = add_up(sum_U1);
        for (; k < m; k++) {
            double e_H = e[k] * H_i[k], slope = (1 - H_i[k]) * e_H;
            grad_V[i] += e_H;
            grad_U0[i] += slope * x[k];
            grad_U1[i] += slope;
        }
    }
}

/* The order of numpy.add.reduce: up to 128 samples at one go, more in two halves. */
static void sum(const double *x, const double *y, uint32_t n, double *total, int with_gradient)
{
    uint32_t half = n / 16 * 8, size = with_gradient ? 3 * h - 1 : 1;
    if (n <= BLOCK) {
        forward_pass(x, y, n);
        sum_block(x, n, total, with_gradient);
        return;
    }
    sum(x, y, half, total, with_gradient);
    sum(x + half, y + half, n - half, total + size, with_gradient);
    for (uint32_t i = 0; i < size; i++)
        total[i] += total[size + i];
}

/* Full-batch gradient descent: both weights are updated from gradients at the old ones. */
EXPORT("train") uint32_t train(double learning_rate, uint32_t epochs)
{
    const uint32_t size = 3 * h - 2;
    for (uint32_t epoch = 0; epoch < epochs; epoch++) {
        double *row = history + epoch * size, *total = totals + epoch * (size + 1);
        sum(x_test, y_test, n_test, sums, 0);
        test_totals[epoch] = *sums;
        sum(x_train, y_train, n_train, sums, 1);
        for (uint32_t i = 0; i < h - 1; i++) {
            sums[h + i] *= weights[i];
            sums[2 * h - 1 + i] *= weights[i];
        }
        for (uint32_t i = 0; i < size; i++)
            row[i] = weights[i], total[i] = sums[i];
        total[size] = sums[size];
        if (!(total[size] <= __DBL_MAX__)) /* so that a NaN counts, too */
            return epoch + 1;
        for (uint32_t i = 0; i < size; i++)
            weights[i] -= learning_rate * total[i] / n_train;
    }
    return epochs;
}

/* Each array has room for 8 more than it holds, as the loops take a few samples at a time. */
EXPORT("layout") uint32_t layout(uint32_t neurons, uint32_t N, uint32_t N_test, uint32_t rows)
{
    extern char __heap_base;
    static double *addresses[9];
    double **arrays[] = {&x_train, &y_train, &x_test,      &y_test, &weights,
                         &history, &totals,  &test_totals, &H,      &sums};
    const uint64_t size = 3 * (uint64_t)neurons - 2, block = (uint64_t)(neurons - 1) * BLOCK;
    const uint64_t sizes[] = {N, N, N_test, N_test, size, rows * size, rows * (size + 1), rows,
                              block, DEPTH * (size + 1)};
    if (neurons >> 24) /* so that no product overflows */
        return 0;
    uint64_t end = (uintptr_t)&__heap_base, now = __builtin_wasm_memory_size(0), pages;
    for (int i = 0; i < 10; i++) {
        end = (end + 15) / 16 * 16;
        *arrays[i] = (double *)(uintptr_t)end;
        end += 8 * (sizes[i] + 8);
        if (sizes[i] >> 29 || end >> 32)
            return 0;
        if (i < 8)
            addresses[i + 1] = *arrays[i];
    }
    pages = (end + 0xffff) >> 16;
    if (pages > now && __builtin_wasm_memory_grow(0, pages - now) == SIZE_MAX)
        return 0;
    addresses[0] = table;
    h = neurons, n_train = N, n_test = N_test;
    return (uint32_t)(uintptr_t)addresses;
}
