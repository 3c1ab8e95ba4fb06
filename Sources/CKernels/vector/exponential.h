// exp and erf over the vector vocabulary. Coefficients: our own weighted least-squares fits iterated
// towards minimax (Lawson) on Chebyshev nodes.

/// exp(x), within 2 ulp for x in [-87.3, 88]; 0 below -87.3, exp(88) above 88.
/// x = n ln 2 + r, |r| <= ln 2 / 2; exp(r) = 1 + r + r^2 q(r), q of degree 4, relative error 3.1e-9.
GK_INLINE gk_vector gk_exp(gk_vector x) {
  const gk_vector clamped = gk_min(gk_set(88.0f), gk_max(gk_set(-87.3f), x)); // NaN stays NaN
  const gk_vector n = gk_round(gk_mul(clamped, gk_set(1.44269504f)));
  gk_vector r = gk_fma(n, gk_set(-0.693359375f), clamped); // ln 2 in two parts: 355/512 is exact
  r = gk_fma(n, gk_set(2.12194440e-4f), r);
  gk_vector q = gk_set(0.001381446490995586f);
  q = gk_fma(q, r, gk_set(0.008368780836462975f));
  q = gk_fma(q, r, gk_set(0.04166839271783829f));
  q = gk_fma(q, r, gk_set(0.1666651964187622f));
  q = gk_fma(q, r, gk_set(0.4999999403953552f));
  const gk_vector e = gk_add(gk_set(1.0f), gk_fma(gk_mul(r, r), q, r));
  return gk_select_less(x, gk_set(-87.3f), gk_set(0.0f), gk_scale_by_power(e, n));
}

/// erf(x), absolute error below 1.2e-7.
/// |x| < 1: x + x P(x^2), relative error 4e-8. 1 <= |x| <= 4: 1 - exp(Q(|x|)), error 1e-9 before
/// rounding. |x| > 4: 1 (erfc(4) = 1.5e-8).
GK_INLINE gk_vector gk_erf(gk_vector x) {
  const gk_vector t = gk_min(gk_set(4.0f), gk_abs(x)); // NaN stays NaN
  const gk_vector s = gk_mul(t, t);
  gk_vector p = gk_set(-0.0005631563253700733f);
  p = gk_fma(p, s, gk_set(0.0049175904132425785f));
  p = gk_fma(p, s, gk_set(-0.026711350306868553f));
  p = gk_fma(p, s, gk_set(0.11280182003974915f));
  p = gk_fma(p, s, gk_set(-0.3761232793331146f));
  p = gk_fma(p, s, gk_set(0.12837912142276764f));
  const gk_vector near = gk_fma(p, t, t);
  gk_vector q = gk_set(0.0001863800862338394f);
  q = gk_fma(q, t, gk_set(-0.002947666682302952f));
  q = gk_fma(q, t, gk_set(0.021838096901774406f));
  q = gk_fma(q, t, gk_set(-0.10310681909322739f));
  q = gk_fma(q, t, gk_set(-0.6381447315216064f));
  q = gk_fma(q, t, gk_set(-1.127089262008667f));
  q = gk_fma(q, t, gk_set(-0.00034151258296333253f));
  const gk_vector far = gk_sub(gk_set(1.0f), gk_exp(q));
  return gk_copy_sign(gk_select_less(t, gk_set(1.0f), near, far), x);
}
