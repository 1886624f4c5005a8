import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import jest from 'eslint-plugin-jest';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const environmentReads = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Read the environment in main.ts only and pass values on.',
};

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', 'coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['packages/console/**/*.{ts,tsx}'],
    languageOptions: {
      parserOptions: {
        project: './packages/console/tsconfig.json',
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: { 'no-console': 'off' },
  },
  {
    files: ['packages/**/*.ts', 'services/**/*.ts'],
    ignores: ['**/main.ts', '**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', environmentReads] },
  },
  {
    files: ['**/*.{ts,tsx,mjs,cjs}'],
    ignores: ['**/*.test.ts'],
    rules: { 'max-lines': ['error', { max: 400 }] },
  },
  {
    files: ['**/*.test.ts', 'tests/**/*.ts'],
    ...jest.configs['flat/recommended'],
    rules: {
      ...jest.configs['flat/recommended'].rules,
      'jest/expect-expect': [
        'error',
        { assertFunctionNames: ['expect*', '**.expect*', 'fc.assert'] },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: globals.node },
  },
  // What a person runs in a terminal prints to it.
  { files: ['stack/src/cli/**/*.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
  prettier,
);
