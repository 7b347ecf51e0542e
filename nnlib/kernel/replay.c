/* The training loop in the arithmetic of nnlib.replay, to be called as kernel.c is: the same
 * operations in the same order, and so the same bits. What differs is
 *
 * - the table: 2**(j/16) for j from 0 to 15, and then what each of these doubles lacks, relative to
 *   it: replay._POWER and replay._POWER_REST;
 * - the totals, which have e²/2 in the place of e², as the document's loop has;
 * - h, at most 12;
 * - the end: `train` stops before an epoch in which a number is not finite. It is for numpy to do
 *   that epoch, from what is in `weights`, to where it writes the new ones.
 */

#include "kernel.h"

enum { MOST = 12 }; /* hidden neurons */

typedef int64_t bits __attribute__((vector_size(16)));
typedef struct { two high, low; } halves;

static const double PER_16TH = 16 * 0x1.71547652b82fep+0;
static const double LN2 = 0x1.62e42fefa39efp-1, LN2_REST = 0x1.abc9e3b39803fp-56;
static const double C1 = 0x1.fffffffffff70p-1, C2 = 0x1.000000000d008p-1, C3 = 0x1.5555553939732p-3,
                    C4 = 0x1.55557242d68fep-5, C5 = 0x1.1101cbbc265c0p-7, C6 = 0x1.7411836940c04p-10;

static double powers[32];
static uint32_t h, n_train, n_test;
static double *x_train, *y_train, *x_test, *y_test, *weights, *history, *totals, *test_totals;
static double H[MOST - 1][BLOCK], e[BLOCK]; /* of a block */
static int lost;                            /* whether a number has not been finite */

static two both(double value) { return (two){value, value}; }

static inline halves split(two a)
{
    two t = a * (0x1p27 + 1), high = t - (t - a);
    return (halves){high, a - high};
}

/* What the rounding of p = a b took away. */
static inline two rest_of_product(two p, halves a, halves b)
{
    return ((a.high * b.high - p) + a.high * b.low + a.low * b.high) + a.low * b.low;
}

/* What the rounding of s = a + b took away. */
static inline two rest_of_sum(two s, two a, two b)
{
    two t = s - a;
    return (a - (s - t)) + (b - t);
}

/* replay._fma: by way of a sum that is rounded to odd. */
static __attribute__((noinline)) two fused_by_odd(two p, two p_rest, two c)
{
    two u = c + p_rest, u_rest = rest_of_sum(u, c, p_rest);
    two v = p + u, v_rest = rest_of_sum(v, p, u);
    two odd = u_rest + v_rest, gone = rest_of_sum(odd, u_rest, v_rest);
    bits even = ((bits)odd & 1) - 1, beside = ((gone > 0) ^ (odd > 0)) * 2 + 1;
    return v + (two)((bits)odd + (beside & even & (gone != 0)));
}

/* replay.fma: p + p_rest + c, rounded once, of p = a b and what its rounding took away. */
static inline two fused(two p, two p_rest, two c)
{
    two s = p + c, rest = rest_of_sum(s, p, c) + p_rest;
    two result = s + rest * (1 + 0x1p-52);
    bits unsure = result != s + rest * (1 - 0x1p-52);
    if (__builtin_expect(wasm_v128_any_true(unsure), 0)) {
        result = wasm_v128_bitselect(fused_by_odd(p, p_rest, c), result, unsure);
        lost |= wasm_v128_any_true(result - result != both(0));
    }
    return result;
}

static inline two fma(two a, halves a_halves, two b, halves b_halves, two c)
{
    two p = a * b;
    return fused(p, rest_of_product(p, a_halves, b_halves), c);
}

/* replay.exp */
static inline two exp(two x)
{
    const halves per_16th = split(both(PER_16TH)), ln2 = split(both(LN2)),
                 ln2_rest = split(both(LN2_REST)), c2 = split(both(C2)), c4 = split(both(C4)),
                 c6 = split(both(C6));
    x = wasm_f64x2_pmin(wasm_f64x2_pmax(x, both(-750)), both(750)); /* beyond it is 0 or infinite */
    two p = x * PER_16TH, steps = wasm_f64x2_floor(p);
    if (__builtin_expect(wasm_v128_any_true(steps == p), 0)) {
        bits below = (steps == p) & (rest_of_product(p, split(x), per_16th) < 0);
        steps -= (two)(below & (bits)both(1));
    }
    v128_t whole = wasm_i32x4_trunc_sat_f64x2_zero(steps), j = whole & wasm_i32x4_const_splat(15);
    int j0 = wasm_i32x4_extract_lane(j, 0), j1 = wasm_i32x4_extract_lane(j, 1);
    two power = {powers[j0], powers[j1]}, power_rest = {powers[16 + j0], powers[16 + j1]};

    two minus_n = steps * (-1.0 / 16); /* so few bits that it needs no halves */
    two n_ln2 = minus_n * LN2, n_ln2_rest = minus_n * LN2_REST;
    two r = fused(n_ln2, (minus_n * ln2.high - n_ln2) + minus_n * ln2.low, x);
    r = fused(n_ln2_rest, (minus_n * ln2_rest.high - n_ln2_rest) + minus_n * ln2_rest.low, r);
    two r2 = r * r;
    const halves r_halves = split(r), r2_halves = split(r2), power_halves = split(power);
    two q = fma(r, r_halves, both(C6), c6, both(C5));
    q = fma(r2, r2_halves, q, split(q), fma(r, r_halves, both(C4), c4, both(C3)));
    q = fma(r2, r2_halves, q, split(q), fma(r, r_halves, both(C2), c2, both(C1)));
    q = fma(r, r_halves, q, split(q), power_rest);
    q = fma(power, power_halves, q, split(q), power);

    /* Times 2**(whole / 16), in two steps that are powers of two themselves. */
    v128_t octaves = wasm_i64x2_extend_low_i32x4(wasm_i32x4_shr(whole, 4));
    v128_t one = wasm_i64x2_shr(octaves, 1), other = wasm_i64x2_sub(octaves, one);
    const v128_t bias = wasm_i64x2_const_splat(1023);
    return q * (two)wasm_i64x2_shl(wasm_i64x2_add(one, bias), 52) *
           (two)wasm_i64x2_shl(wasm_i64x2_add(other, bias), 52);
}

/* Section 2.3: the hidden neurons H and the errors e = V · H - y of m samples. */
static void forward_pass(const double *x, const double *y, uint32_t m)
{
    const double *V = weights, *U0 = V + h, *U1 = U0 + h - 1;
    for (uint32_t i = 0; i < h - 1; i++) {
        const two u0 = both(U0[i]), u1 = both(U1[i]), v = both(V[i]);
        const halves u0_halves = split(u0), v_halves = split(v);
        for (uint32_t k = 0; k < m; k += 2) {
            two x_k = load(x + k);
            two z = h == 2 ? u0 * x_k + u1 : fma(u0, u0_halves, x_k, split(x_k), u1);
            store(H[i] + k, 1 / (1 + exp(-z)));
        }
        for (uint32_t k = 0; k < m; k += 2) {
            two H_k = load(H[i] + k);
            store(e + k, i == 0 ? v * H_k : fma(v, v_halves, H_k, split(H_k), load(e + k)));
        }
    }
    for (uint32_t k = 0; k < m; k += 2)
        store(e + k, load(e + k) + V[h - 1] - load(y + k));
}

/* Section 2.5: the sum of e²/2 over all samples, from the first on. */
static double sum_errors(const double *x, const double *y, uint32_t n)
{
    double total = -0.0; /* which leaves the first as it is */
    for (uint32_t begin = 0; begin < n; begin += BLOCK) {
        const uint32_t m = n - begin < BLOCK ? n - begin : BLOCK;
        forward_pass(x + begin, y + begin, m);
        for (uint32_t k = 0; k < m; k++)
            total += e[k] * e[k] / 2;
    }
    return total;
}

/* The same over the training set, after equations (1) and (2), products from left to right. */
static void sum_gradient(double *total)
{
    double *grad_V = total, *grad_U0 = grad_V + h, *grad_U1 = grad_U0 + h - 1;
    for (uint32_t i = 0; i < 3 * h - 1; i++)
        total[i] = -0.0;
    for (uint32_t begin = 0; begin < n_train; begin += BLOCK) {
        const uint32_t m = n_train - begin < BLOCK ? n_train - begin : BLOCK;
        const double *x = x_train + begin;
        forward_pass(x, y_train + begin, m);
        for (uint32_t i = 0; i < h - 1; i++) {
            const double v = weights[i];
            double sum_V = grad_V[i], sum_U0 = grad_U0[i], sum_U1 = grad_U1[i];
            for (uint32_t k = 0; k < m; k++) {
                double slope = e[k] * v * H[i][k] * (1 - H[i][k]);
                sum_V += e[k] * H[i][k];
                sum_U0 += slope * x[k];
                sum_U1 += slope;
            }
            grad_V[i] = sum_V, grad_U0[i] = sum_U0, grad_U1[i] = sum_U1;
        }
        for (uint32_t k = 0; k < m; k++) {
            grad_V[h - 1] += e[k];
            grad_U1[h - 1] += e[k] * e[k] / 2;
        }
    }
}

EXPORT("train") uint32_t train(double learning_rate, uint32_t epochs)
{
    const uint32_t size = 3 * h - 2;
    lost = 0;
    for (uint32_t epoch = 0; epoch < epochs; epoch++) {
        double *row = history + epoch * size, *total = totals + epoch * (size + 1);
        test_totals[epoch] = sum_errors(x_test, y_test, n_test);
        sum_gradient(total);
        if (lost || !(test_totals[epoch] + total[size] <= __DBL_MAX__)) /* so that a NaN counts */
            return epoch;
        for (uint32_t i = 0; i < size; i++) {
            row[i] = weights[i];
            weights[i] -= learning_rate * total[i] / n_train;
        }
    }
    return epochs;
}

/* Each array has room for 8 more than it holds, as the loops take a few samples at a time. */
EXPORT("layout") uint32_t layout(uint32_t neurons, uint32_t N, uint32_t N_test, uint32_t rows)
{
    extern char __heap_base;
    static double *addresses[9];
    double **arrays[] = {&x_train, &y_train, &x_test, &y_test, &weights, &history, &totals,
                         &test_totals};
    const uint64_t size = 3 * (uint64_t)neurons - 2;
    const uint64_t sizes[] = {N, N, N_test, N_test, size, rows * size, rows * (size + 1), rows};
    if (neurons > MOST)
        return 0;
    uint64_t end = (uintptr_t)&__heap_base, now = __builtin_wasm_memory_size(0), pages;
    for (int i = 0; i < 8; i++) {
        end = (end + 15) / 16 * 16;
        addresses[i + 1] = *arrays[i] = (double *)(uintptr_t)end;
        end += 8 * (sizes[i] + 8);
        if (sizes[i] >> 29 || end >> 32)
            return 0;
    }
    pages = (end + 0xffff) >> 16;
    if (pages > now && __builtin_wasm_memory_grow(0, pages - now) == SIZE_MAX)
        return 0;
    addresses[0] = powers;
    h = neurons, n_train = N, n_test = N_test;
    return (uint32_t)(uintptr_t)addresses;
}
