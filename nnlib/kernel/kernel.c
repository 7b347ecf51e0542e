/* The training loop of nnlib, for Python and the browser: the operations of nnlib.elementary,
 * nnlib.network, nnlib.training and nnlib.optimizers in the same order, and so with the same bits.
 *
 * WebAssembly fixes the result of every operation used here but for the bits of a NaN, and the
 * vector operations work on two samples, or weights, that know nothing of each other. There is no
 * library beneath it, and it imports nothing; `make kernel` compiles it. To call it:
 *
 * 1. `layout(h, N, N_test, rows, batch)`, the first four at least 1 and h at least 2, makes room for
 *    `rows` epochs at a time; a batch of 0, which is what JavaScript takes for none, is for all
 *    samples at once. It returns the address of 14 addresses of 32 bits, or 0 if there is no such
 *    memory. They are those of arrays of doubles, of which the caller fills the first six:
 *        table          (40961,)       exp(-n/512) for n from -20480, times 33/32, at the ends the
 *                                      largest double and 0: elementary._EXP_MINUS
 *        x, y           (N,)           the training set
 *        x_test, y_test (N_test,)      the test set
 *        weights        (3h-2,)        V, then the two columns of U: network.pack
 *        history        (rows, 3h-2)   the weights of each epoch
 *        totals         (rows, 3h-1)   sums over the training set: the gradient, then e²
 *        test_totals    (rows,)        the sum of e² over the test set
 *    and, for `optimize`, of these, too, where `order` is of integers of 32 bits:
 *        rates          (rows,)        the learning rate of each epoch
 *        settings       (8,)           those of the optimizer, as `step` below has them; the last
 *                                      is the penalty, for `train`, too: 0 at first
 *        state          (6h+2,)        what the optimizer remembers: zeros before the first epoch
 *        order          (rows, N)      with batches alone: which sample comes when in each epoch
 *    and of bytes:
 *        skipped        (rows,)        1 where an epoch shall leave no row, 0 elsewhere, as at first
 *    They stay where they are until `layout` is called again. What is filled in must be finite.
 * 2. `train(learning_rate, epochs)`, with epochs up to `rows`, as often as wanted: for each epoch
 *    it writes a row, beginning with the weights as they are, and then updates the weights. It
 *    returns the number of epochs. After a total of e² that is not finite it stops. An epoch that is
 *    skipped leaves its total of e² alone, where the next row will have it.
 * 3. `optimize(optimizer, batch, epochs)` does the same by one of the optimizers below. In batches
 *    of up to N samples, an epoch updates the weights after each of them.
 */

#include "kernel.h"

enum { DEPTH = 32 }; /* halvings, more than the memory has samples for */

static uint32_t h, n_train, n_test;
static double *x_train, *y_train, *x_test, *y_test, *weights, *history, *totals, *test_totals;
static double *H, *sums; /* hidden neurons of a block; sums of blocks not yet added */
static double e[BLOCK];  /* the errors of a block */

/* Section 2.3: the hidden neurons H and the errors e = V · H - y of m samples. */
static void forward_pass(const double *x, const double *y, uint32_t m)
{
    hidden_neurons(weights, h, x, m, H, BLOCK, e);
    for (uint32_t k = 0; k < m; k += 2)
        store(e + k, load(e + k) + weights[h - 1] - load(y + k));
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
        double total_V = add_up(sum_V), total_U0 = add_up(sum_U0), total_U1 = add_up(sum_U1);
        for (; k < m; k++) {
            double e_H = e[k] * H_i[k], slope = (1 - H_i[k]) * e_H;
            total_V += e_H;
            total_U0 += slope * x[k];
            total_U1 += slope;
        }
        grad_V[i] = total_V, grad_U0[i] = total_U0, grad_U1[i] = total_U1;
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

/* What follows takes little time, so it shall take little room in a page. */
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)

enum { /* the optimizers */
    DESCENT,
    HEAVY_BALL,
    NESTEROV,
    ADAGRAD,
    RMSPROP,
    ADAM,
    ADAMW,
    RPROP,
    HALVING,
    ARMIJO,
    BARZILAI_BORWEIN,
    ANGLE,
};
/* The numbers of a state: 1 after the first step; what the rate is multiplied by, or what it is; the
 * powers of two betas; the loss before; and how many small angles there were. Two rows follow. */
enum { BEGUN, RATE, POWER_1, POWER_2, LOSS, CALM, NUMBERS };
enum { PENALTY = 7 }; /* its place in the settings, whatever the optimizer */

static uint32_t size; /* of a row of weights */
static uint32_t row; /* of those that a call writes, the one that comes next */
static double *rates, *settings, *state, *order, *skipped, *x_batch, *y_batch;
static double added; /* to the loss by the penalty, see below */

/* The gradient over n samples, and then e², in `sums`. */
static void differentiate(const double *x, const double *y, uint32_t n)
{
    sum(x, y, n, sums, 1);
    for (uint32_t i = 0; i < h - 1; i++) {
        sums[h + i] *= weights[i];
        sums[2 * h - 1 + i] *= weights[i];
    }
}

/* Half of a penalty times the squares of all weights belongs to the loss of a sample. Of n samples, it is added to the gradient in `sums`, and given back for the loss. */
static double penalise(double n)
{
    const double strength = n * settings[PENALTY];
    double squares = 0;
    if (!strength)
        return 0;
    for (uint32_t i = 0; i < size; i++) {
        sums[i] += strength * weights[i];
        squares += weights[i] * weights[i];
    }
    return strength * squares / 2;
}

/* The gradient of an epoch, with a row of the history unless it is skipped, and whether the total of e²
 * is finite: a NaN is not. */
static int write_row(uint32_t epoch)
{
    double *kept = history + row * size, *total = totals + row * (size + 1);
    const int is_kept = !((const uint8_t *)skipped)[epoch];
    if (is_kept) {
        sum(x_test, y_test, n_test, sums, 0);
        test_totals[row++] = *sums;
    }
    differentiate(x_train, y_train, n_train);
    added = penalise(n_train);
    total[size] = sums[size];
    if (is_kept)
        for (uint32_t i = 0; i < size; i++)
            kept[i] = weights[i], total[i] = sums[i];
    return total[size] <= __DBL_MAX__;
}

/* Full-batch gradient descent: both weights are updated from gradients at the old ones. What is in
 * the room behind the weights does not matter. */
static void descend(double rate, double n)
{
    for (uint32_t i = 0; i < size; i += 2)
        store(weights + i, load(weights + i) - rate * load(sums + i) / n);
}

EXPORT("train") uint32_t train(double learning_rate, uint32_t epochs)
{
    row = 0;
    for (uint32_t epoch = 0; epoch < epochs; epoch++) {
        if (!write_row(epoch))
            return epoch + 1;
        descend(learning_rate, n_train);
    }
    return epochs;
}

static double root(double a) { return __builtin_elementwise_sqrt(a); }

static void copy(double *to, const double *from)
{
    for (uint32_t i = 0; i < size; i++)
        to[i] = from[i];
}

static double dot(const double *u, const double *v)
{
    double total = u[0] * v[0];
    for (uint32_t i = 1; i < size; i++)
        total += u[i] * v[i];
    return total;
}

/* Armijo's rule: the weights that it goes on from, and their gradient, are put in place. */
static void search(double *base, double *slope, double rate, double n, double loss, int first)
{
    const double least = settings[0], up = settings[1], down = settings[2];
    double wanted = state[LOSS] - least * (rate * state[RATE]) * (dot(slope, slope) / n);
    if (first || loss <= wanted) {
        copy(base, weights), copy(slope, sums);
        state[LOSS] = loss;
        state[RATE] *= first ? 1 : up;
    } else {
        copy(weights, base), copy(sums, slope);
        state[RATE] *= down;
    }
}

/* The inverse curvature along the last step, if it is positive, from Barzilai and Borwein. */
static void invert(double *w, double *g, double n, int first)
{
    double ss = 0, sy = 0;
    for (uint32_t i = 0; i < size; i++) {
        double s = weights[i] - w[i], y = sums[i] - g[i];
        ss += s * s, sy += s * y;
    }
    if (sy > 0 && !first)
        state[RATE] = n * ss / sy;
    copy(w, weights), copy(g, sums);
}

/* Half the angle between two gradients has the tangent less / more. */
static void turn(double *before)
{
    const double small = settings[0], large = settings[1], up = settings[2], down = settings[3];
    double a = root(dot(sums, sums)), b = root(dot(before, before)), less = 0, more = 0;
    int is_small = 1, is_large = 0;
    if (a > 0 && b > 0) {
        for (uint32_t i = 0; i < size; i++) {
            double u = sums[i] / a, v = before[i] / b;
            less += (u - v) * (u - v), more += (u + v) * (u + v);
        }
        is_small = root(less) < small * root(more);
        is_large = root(less) > large * root(more);
    }
    state[CALM] = is_small ? state[CALM] + 1 : 0;
    if (is_large)
        state[RATE] *= down;
    else if (state[CALM] == settings[4])
        state[CALM] = 0, state[RATE] *= up;
    copy(before, sums);
}

/* One step of an optimizer, from the gradient in `sums`, which is a sum over n samples. */
static void step(uint32_t optimizer, double rate, double n, double loss)
{
    const double *s = settings, *g = sums;
    double *w = weights, *m = state + NUMBERS, *v = m + size;
    const int first = !state[BEGUN];
    if (first) {
        state[BEGUN] = state[POWER_1] = state[POWER_2] = 1;
        state[RATE] = optimizer == BARZILAI_BORWEIN || optimizer == ANGLE ? rate : 1;
    }
    switch (optimizer) {
    case HEAVY_BALL: /* beta */
        for (uint32_t i = 0; i < size; i++) {
            m[i] = s[0] * m[i] + g[i];
            w[i] -= rate * m[i] / n;
        }
        return;
    case NESTEROV: /* beta */
        for (uint32_t i = 0; i < size; i++) {
            m[i] = s[0] * m[i] + g[i];
            w[i] -= rate * (g[i] + s[0] * m[i]) / n;
        }
        return;
    case ADAGRAD: /* epsilon */
        for (uint32_t i = 0; i < size; i++) {
            double a = g[i] / n;
            v[i] += a * a;
            w[i] -= rate * a / (root(v[i]) + s[0]);
        }
        return;
    case RMSPROP: /* beta, epsilon */
        for (uint32_t i = 0; i < size; i++) {
            double a = g[i] / n;
            v[i] = s[0] * v[i] + (1 - s[0]) * (a * a);
            w[i] -= rate * a / (root(v[i]) + s[1]);
        }
        return;
    case ADAM: /* beta1, beta2, epsilon */
    case ADAMW: /* and decay */
        state[POWER_1] *= s[0], state[POWER_2] *= s[1];
        for (uint32_t i = 0; i < size; i++) {
            double a = g[i] / n;
            m[i] = s[0] * m[i] + (1 - s[0]) * a;
            v[i] = s[1] * v[i] + (1 - s[1]) * (a * a);
            double mean = m[i] / (1 - state[POWER_1]);
            double change = mean / (root(v[i] / (1 - state[POWER_2])) + s[2]);
            w[i] -= rate * (optimizer == ADAM ? change : change + s[3] * w[i]);
        }
        return;
    case RPROP: /* up, down */
        for (uint32_t i = 0; i < size; i++) {
            double a = g[i] / n, same = a * v[i], d = first ? rate : m[i];
            if (same > 0)
                d = d * s[0] < 50 ? d * s[0] : 50;
            if (same < 0)
                d = d * s[1] > 1e-6 ? d * s[1] : 1e-6, a = 0;
            w[i] -= a > 0 ? d : a < 0 ? -d : 0;
            m[i] = d, v[i] = a;
        }
        return;
    case HALVING: /* up, down */
        state[RATE] *= first ? 1 : s[loss > state[LOSS]];
        state[LOSS] = loss;
        rate *= state[RATE];
        break;
    case ARMIJO: /* slope, up, down */
        search(m, v, rate, n, loss, first);
        rate *= state[RATE];
        break;
    case BARZILAI_BORWEIN:
        invert(m, v, n, first);
        rate = state[RATE];
        break;
    case ANGLE: /* the tangents of half the small and the large one, up, down, patience */
        turn(m);
        rate = state[RATE];
        break;
    default:
        break;
    }
    descend(rate, n);
}

/* The samples that come next in an order; if they are few, their sums are made those of a batch. */
static double take_batch(const uint32_t *chosen, uint32_t m, uint32_t batch)
{
    const double part = (double)batch / m;
    for (uint32_t k = 0; k < m; k++)
        x_batch[k] = x_train[chosen[k]], y_batch[k] = y_train[chosen[k]];
    differentiate(x_batch, y_batch, m);
    for (uint32_t i = 0; i < size; i++)
        sums[i] *= part;
    return sums[size] / 2 * part + penalise(batch);
}

EXPORT("optimize") uint32_t optimize(uint32_t optimizer, uint32_t batch, uint32_t epochs)
{
    const uint32_t *chosen = (const uint32_t *)order;
    row = 0;
    for (uint32_t epoch = 0; epoch < epochs; epoch++) {
        if (!write_row(epoch))
            return epoch + 1;
        if (!batch) {
            step(optimizer, rates[epoch], n_train, sums[size] / 2 + added);
            continue;
        }
        for (uint32_t left = n_train, m; left; left -= m, chosen += m) {
            m = left < batch ? left : batch;
            step(optimizer, rates[epoch], batch, take_batch(chosen, m, batch));
        }
    }
    return epochs;
}

/* Each array has room for 8 more than it holds, as the loops take a few samples at a time. */
EXPORT("layout")
uint32_t layout(uint32_t neurons, uint32_t N, uint32_t N_test, uint32_t rows, uint32_t batch)
{
    extern char __heap_base;
    static double *addresses[14];
    double **arrays[] = {&x_train, &y_train,     &x_test, &y_test,   &weights, &history,
                         &totals,  &test_totals, &rates,  &settings, &state,   &order,
                         &skipped, &x_batch,     &y_batch, &H,       &sums};
    const uint64_t width = 3 * (uint64_t)neurons - 2, block = (uint64_t)(neurons - 1) * BLOCK;
    const uint64_t orders = batch ? ((uint64_t)rows * N + 1) / 2 : 0;
    const uint64_t sizes[] = {N, N, N_test, N_test, width, rows * width, rows * (width + 1), rows,
                              rows, 8, NUMBERS + 2 * width, orders, ((uint64_t)rows + 7) / 8, batch,
                              batch, block, DEPTH * (width + 1)};
    if (neurons >> 24) /* so that no product overflows */
        return 0;
    uint64_t end = (uintptr_t)&__heap_base, now = __builtin_wasm_memory_size(0), pages;
    for (int i = 0; i < 17; i++) {
        end = (end + 15) / 16 * 16;
        *arrays[i] = (double *)(uintptr_t)end;
        end += 8 * (sizes[i] + 8);
        if (sizes[i] >> 29 || end >> 32)
            return 0;
        if (i < 13)
            addresses[i + 1] = *arrays[i];
    }
    pages = (end + 0xffff) >> 16;
    if (pages > now && __builtin_wasm_memory_grow(0, pages - now) == SIZE_MAX)
        return 0;
    addresses[0] = table;
    h = neurons, size = width, n_train = N, n_test = N_test;
    settings[PENALTY] = 0;
    for (uint32_t i = 0; i < NUMBERS + 2 * size; i++)
        state[i] = 0;
    for (uint32_t i = 0; i < rows; i++)
        ((uint8_t *)skipped)[i] = 0;
    return (uint32_t)(uintptr_t)addresses;
}

#pragma clang attribute pop
