// @ts-check
// What the build knows of nnlib: book/_extensions/laboratory.py hands it to each bundle.

/** @type {Record<string, any>} */
export const constants = CONSTANTS;
