/* The hidden neurons, for the training, the fit and the Hessian. */

#include "kernel.h"

double table[2 * STEPS * END + 1];

static inline double at(uint32_t place) { return *(const double *)((const char *)table + place); }

/* nnlib.elementary.sigmoid in three parts, each in a loop of its own: a processor has more samples in
 * the works at a time if little waits for what is before it. First: z is the multiple of 1/512
 * nearest to it, whose exp(-n/512) the table has at `place`, and r. */
static inline void nearest_step(two z, double *r, double *place)
{
    const two reach = {END + 0.25 / STEPS, END + 0.25 / STEPS};
    const double snap = 3 * 0x1p51 / STEPS + END; /* doubles of this size lie 1/512 apart */
    z = wasm_f64x2_pmax(wasm_f64x2_pmin(z, reach), -reach);
    two shifted = z + snap;
    store(r, z - (shifted - snap));
    store(place, wasm_i64x2_shl(shifted, 3)); /* the last bits count steps; those of a NaN are 0 */
}

/* Then: four terms of the series of exp(-r), and 1 + exp(-z), times 33/32, as the table is. What is
 * left is to divide 33/32 by it. */
static const double SCALE = 33.0 / 32;
static inline two denominator(two r, const double *place)
{
    const uint32_t *places = (const uint32_t *)place;
    two power = {at(places[0]), at(places[2])};
    two t = (((r * (1.0 / 24) + -1.0 / 6) * r + 1.0 / 2) * r + (-1 + 0x1p-45)) * r;
    return t * power + power + SCALE;
}

/* The third part of a neuron, a division, goes with the first of the next one, as it leaves time for
 * it. After the last neuron that is in vain, with what is in the room behind the weights. */
void hidden_neurons(const double *weights, uint32_t h, const double *x, uint32_t m, double *H,
                    uint32_t stride, double *e)
{
    static double r[BLOCK], place[BLOCK], below[BLOCK];
    const double *V = weights, *U0 = V + h, *U1 = U0 + h - 1;
    for (uint32_t k = 0; k < m; k += 2) {
        store(e + k, (two){0, 0});
        nearest_step(U0[0] * load(x + k) + U1[0], r + k, place + k);
    }
    for (uint32_t i = 0; i < h - 1; i++, H += stride) {
        const double v = V[i], u0 = U0[i + 1], u1 = U1[i + 1];
        for (uint32_t k = 0; k < m; k += 2)
            store(below + k, denominator(load(r + k), place + k));
        for (uint32_t k = 0; k < m; k += 2) {
            two neuron = SCALE / load(below + k);
            store(H + k, neuron);
            store(e + k, load(e + k) + v * neuron);
            nearest_step(u0 * load(x + k) + u1, r + k, place + k);
        }
    }
}

