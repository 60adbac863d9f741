/** An error in the house's form: the file, what was found in it, what was expected, what to do. */
export const wrong = (file: string, found: string, expected: string, advice: string): Error =>
  new Error(`${file} ${found}; expected ${expected}. ${advice}`);
