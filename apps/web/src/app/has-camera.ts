/** Whether this browser lets a page ask for the camera; whether there is one shows when it is asked. Apart from reading, which loads a decoder. */
export function hasCamera(): boolean {
  return navigator.mediaDevices !== undefined
}
