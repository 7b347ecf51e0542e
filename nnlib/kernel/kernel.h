/* What the training and the fit share: two samples at a time, the sigmoid, and numpy's sums. */

#include <stdint.h>
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(name)))

enum {
    STEPS = 512, /* of the table, in a unit */
    END = 40,    /* where it ends */
    BLOCK = 128, /* samples that numpy sums at one go */
};

typedef double two __attribute__((vector_size(16)));
typedef struct { two r[4]; } eight;

extern double table[2 * STEPS * END + 1];

static inline two load(const double *a) { return wasm_v128_load(a); }
static inline void store(double *a, two value) { wasm_v128_store(a, value); }
static inline double at(uint32_t place) { return *(const double *)((const char *)table + place); }

/* nnlib.elementary.sigmoid in two halves, so that a processor has more samples in the works at a
 * time. First: z is the multiple of 1/512 nearest to it, whose exp(-n/512) the table has, and r. */
static inline void nearest_step(two z, double *r, double *power)
{
    const two reach = {END + 0.25 / STEPS, END + 0.25 / STEPS};
    const double snap = 3 * 0x1p51 / STEPS + END; /* doubles of this size lie 1/512 apart */
    z = wasm_f64x2_pmax(wasm_f64x2_pmin(z, reach), -reach);
    two shifted = z + snap;
    store(r, z - (shifted - snap));
    two place = wasm_i64x2_shl(shifted, 3); /* the last bits count steps; those of a NaN are 0 */
    power[0] = at(wasm_i64x2_extract_lane(place, 0));
    power[1] = at(wasm_i64x2_extract_lane(place, 1));
}

/* Then: four terms of the series of exp(-r), and 1 / (1 + exp(-z)). */
static inline two sigmoid(two r, two power)
{
    const double scale = 33.0 / 32;
    two t = (((r * (1.0 / 24) + -1.0 / 6) * r + 1.0 / 2) * r + (-1 + 0x1p-45)) * r;
    return scale / (t * power + power + scale);
}

/* numpy's eight running sums, which begin with 0 and are added up in pairs. */
static inline double add_up(eight s)
{
    two a = s.r[0], b = s.r[1], c = s.r[2], d = s.r[3];
    return ((a[0] + a[1]) + (b[0] + b[1])) + ((c[0] + c[1]) + (d[0] + d[1]));
}
