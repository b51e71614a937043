// What the document page takes from others, as one module.
export { defaultKeymap } from '@codemirror/commands';
export { EditorState } from '@codemirror/state';
export { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view';
export { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
export {
  applyAwarenessUpdate,
  Awareness,
  encodeAwarenessUpdate,
  modifyAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness';
export * as Y from 'yjs';
